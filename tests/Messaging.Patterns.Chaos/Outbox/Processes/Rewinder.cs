using Messaging.Patterns.Chaos.Consume.Processes;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Chaos.Outbox.Processes;

/// <summary>Rewinds one of the groups after the other. It alone does, so that it knows what no order passes over.</summary>
internal sealed class Rewinder(ChildSettings settings, IConsumerGroupControl control)
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan First = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(500);

    private readonly Random _random = new(settings.Seed);
    private readonly RewindChooser _chooser = new(settings.Seed + 1);

    public async Task RunAsync(CancellationToken working)
    {
        await Task.Delay(First, working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        while (!working.IsCancellationRequested)
        {
            await TryAsync(token => RewindAsync(_random.Next(2) == 0 ? InboxScenario.Packing : InboxScenario.Counting, token));
            await Task.Delay(_random.Next(500, 4_000), working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // All orders are carried out before the process ends, so that whoever reads the topic afterwards finds nothing open.
        while (!await TryAsync(LookAsync) || _chooser.IsAnyOpen)
        {
            await Task.Delay(Again, CancellationToken.None);
        }
    }

    private async Task RewindAsync(string group, CancellationToken cancellationToken)
    {
        await LookAsync(cancellationToken);
        var all = Enumerable.Range(0, OutboxScenario.Partitions).OrderBy(_ => _random.Next()).ToList();
        var scope = new GroupScope(group) { Topics = [settings.Topic], Partitions = all[..(1 + _random.Next(OutboxScenario.Partitions))] };
        var now = await control.PlanRewindAsync(scope, RewindTarget.End, cancellationToken);
        var plan = _chooser.Restrict(await control.PlanRewindAsync(scope, _chooser.ChooseTarget(now), cancellationToken));

        if (plan.Partitions.Count == 0)
        {
            return;
        }

        string? operation = null;

        try
        {
            operation = await control.RewindAsync(plan, cancellationToken);
        }
        finally
        {
            _chooser.Ordered(plan, operation);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var (group, operation) in _chooser.Operations)
        {
            var status = await control.GetRewindAsync(group, operation, cancellationToken);
            _chooser.Look(operation, [.. status.Partitions.Where(one => one.State == RewindState.Asked).Select(one => one.Partition)]);
        }
    }

    /// <summary>Does something with a limit. Returns whether it is known to be done.</summary>
    private static async Task<bool> TryAsync(Func<CancellationToken, Task> act)
    {
        using var limit = new CancellationTokenSource(CallLimit);

        try
        {
            await act(limit.Token);
            return true;
        }
        catch (Exception exception) when ((exception is OperationCanceledException && limit.IsCancellationRequested) || exception is MessagingException { IsTransient: true })
        {
            return false;
        }
    }
}
