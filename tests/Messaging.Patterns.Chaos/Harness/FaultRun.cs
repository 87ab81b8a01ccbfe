using Messaging.Patterns.Chaos.Faults;

namespace Messaging.Patterns.Chaos.Harness;

/// <summary>What every run does: its processes start, faults come while they work, and none of them ends by itself.</summary>
/// <param name="run">The run.</param>
/// <param name="lanes">What causes faults.</param>
/// <param name="describe">Says how the work goes, in a line.</param>
internal sealed class FaultRun(ChaosRun run, IReadOnlyList<FaultLane> lanes, Func<string> describe)
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly List<Violation> _failures = [];

    /// <summary>Gets what failed.</summary>
    public IReadOnlyList<Violation> Failures => [.. _failures, .. run.Children.SelectMany(child => child.Failures.Select(failure => new Violation(ViolationKind.Failed, failure)))];

    /// <summary>Gets the faults that were caused and taken back.</summary>
    public IEnumerable<CausedFault> Caused => lanes.SelectMany(lane => lane.Caused);

    /// <summary>Gets what is worth knowing and breaks no promise.</summary>
    public IReadOnlyList<string> Remarks => [.. run.Children.SelectMany(child => child.Remarks)];

    /// <summary>Starts all processes, one that creates the topics before the others.</summary>
    /// <param name="first">That one.</param>
    /// <param name="works">Returns whether all that is to fail has begun to work; <see langword="null"/> if it has when processes are ready.</param>
    public async Task StartAsync(ChildProcess first, Func<Task<bool>>? works = null)
    {
        first.Start();
        await UntilAsync([first], () => Task.FromResult(first.IsReady));

        foreach (var child in run.Children.Where(child => child != first))
        {
            child.Start();
        }

        await UntilAsync(run.Children, async () => run.Children.All(child => child.IsReady) && (works is null || await works()));
        Say($"{run.Children.Count} processes ready");
    }

    /// <summary>Causes faults until the time is over, or something failed by itself.</summary>
    /// <param name="beside">What goes on beside it, until its token is cancelled.</param>
    /// <returns>Whether nothing failed.</returns>
    public async Task<bool> FailAsync(params Func<CancellationToken, Task>[] beside)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(run.Stopping);
        ended.CancelAfter(run.Duration);
        var progress = new Progress(run, Describe);
        await Task.WhenAll([WatchAsync(ended), progress.RunAsync(ended.Token), .. beside.Select(one => one(ended.Token)), .. lanes.Select(lane => lane.RunAsync(ended.Token))]);
        run.Stopping.ThrowIfCancellationRequested();
        Say($"{Describe()}  all faults are over");
        return _failures.Count == 0;
    }

    /// <summary>Something did not end well.</summary>
    public void Fail(string what) => _failures.Add(new Violation(ViolationKind.Failed, what));

    /// <summary>Says how far the run is.</summary>
    public void Say(string text) => new Progress(run, describe).Say(text);

    private async Task UntilAsync(IReadOnlyList<ChildProcess> children, Func<Task<bool>> isReached)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(run.Stopping);
        limit.CancelAfter(StartLimit);

        while (!await isReached())
        {
            if (children.FirstOrDefault(child => child.HasFailed) is { } failed)
            {
                throw new InvalidOperationException($"{failed.Name} did not start:\n{await File.ReadAllTextAsync(failed.OutputPath, limit.Token)}");
            }

            await Task.Delay(50, limit.Token);
        }
    }

    private async Task WatchAsync(CancellationTokenSource ended)
    {
        while (!ended.IsCancellationRequested)
        {
            if (run.Children.FirstOrDefault(child => child.HasFailed) is { } failed)
            {
                Fail($"{failed.Name} ended by itself; what it wrote last is in {failed.OutputPath}");
                await ended.CancelAsync();
            }

            await Task.Delay(100, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private string Describe()
    {
        var current = string.Join("; ", lanes.Select(lane => lane.Current).OfType<string>());
        return $"{describe()}  faults {lanes.Sum(lane => lane.Caused.Count + (lane.Current is null ? 0 : 1)),3}  {current}";
    }
}
