namespace Messaging.Patterns.Chaos.Faults;

/// <summary>Where a fault is caused: what it may choose, and for how long it lasts.</summary>
internal sealed class FaultSite(Random random, CancellationToken ended)
{
    public Random Random => random;

    /// <summary>Gets what is being done.</summary>
    public string Text { get; private set; } = "";

    public void Say(string text) => Text = text;

    /// <summary>Waits, more often short than long; ends early when no more faults are wanted.</summary>
    public async Task HoldAsync(double minSeconds, double maxSeconds)
    {
        var share = random.NextDouble();
        await Task.Delay(TimeSpan.FromSeconds(minSeconds + ((maxSeconds - minSeconds) * share * share)), ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Waits until no more faults are wanted.</summary>
    public async Task UntilEndAsync() => await Task.Delay(Timeout.Infinite, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];

    /// <summary>Picks one, or once in a while several.</summary>
    public IReadOnlyList<T> PickSome<T>(IReadOnlyList<T> items, int several)
    {
        var shuffled = items.OrderBy(_ => random.Next()).ToList();
        return shuffled[..(random.Next(8) == 0 ? several : 1)];
    }
}
