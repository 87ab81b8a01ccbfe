using Messaging.Patterns.Chaos.Append.Processes;
using Messaging.Patterns.Chaos.Faults;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Append;

/// <summary>One run of the scenario: start, faults, calm, judgement.</summary>
internal sealed class AppendRun : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AuditLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CatchUpLimit = TimeSpan.FromMinutes(2);

    private readonly ChaosRun _run;
    private readonly List<ChildProcess> _stores;
    private readonly List<ChildProcess> _members;
    private readonly FaultLane[] _lanes;
    private readonly AckCounter _counter;
    private readonly CommitWatch _commits;
    private readonly Progress _progress;
    private readonly List<Violation> _failures = [];
    private readonly HashSet<string> _audits = new(StringComparer.Ordinal);

    public AppendRun(ChaosRun run)
    {
        _run = run;
        _stores =
        [
            run.AddChild("writer-sqlite", "writer-1"), run.AddChild("writer-memory", "writer-2"), run.AddChild("writer-versions", "writer-3"),
            run.AddChild("reader-sqlite", "reader-1"), run.AddChild("reader-memory", "reader-2"),
        ];
        _members = [run.AddChild(StoreRole.Member, "member-1"), run.AddChild(StoreRole.Member, "member-2")];
        _lanes =
        [
            new(BrokerFaults.Of(run.Cluster, ChaosRun.Brokers), run.Seed),
            new(NetworkFaults.Of(run.Cluster, ChaosRun.Zones, ChaosRun.Brokers), run.Seed + 1),
            new(ProcessFaults.Of(run.Children), run.Seed + 2),
        ];
        _counter = new AckCounter(run);
        _commits = new CommitWatch(run);
        _progress = new Progress(run, Describe);
    }

    private int Faults => _lanes.Sum(lane => lane.Caused.Count + (lane.Current is null ? 0 : 1));

    public async Task<Verdict> RunAsync()
    {
        await StartAsync();
        await FailAsync();

        if (_failures.Count == 0)
        {
            await EndAsync();
        }

        _failures.AddRange(_run.Children.SelectMany(child => child.Failures.Select(failure => new Violation(ViolationKind.Failed, failure))));
        _progress.Say("judging");
        var judgement = new AppendJudgement(_run, _lanes.SelectMany(lane => lane.Caused), _audits.Contains);
        return judgement.Judge(_commits.Commits, _failures) with { Remarks = [.. _run.Children.SelectMany(child => child.Remarks)] };
    }

    public void Dispose()
    {
        _counter.Dispose();
        _commits.Dispose();
    }

    /// <summary>Starts all processes, one that creates the topic before the others.</summary>
    private async Task StartAsync()
    {
        _stores[0].Start();
        await UntilReadyAsync(_stores[0]);

        foreach (var child in _run.Children.Skip(1))
        {
            child.Start();
        }

        await UntilReadyAsync([.. _run.Children]);
        _progress.Say($"{_run.Children.Count} processes ready");
    }

    private async Task UntilReadyAsync(params ChildProcess[] children)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_run.Stopping);
        limit.CancelAfter(StartLimit);

        while (true)
        {
            _counter.Update();

            if (children.All(child => _counter.Started.Contains(child.Name)))
            {
                return;
            }

            if (children.FirstOrDefault(child => child.HasFailed) is { } failed)
            {
                throw new InvalidOperationException($"{failed.Name} did not start:\n{await File.ReadAllTextAsync(failed.OutputPath, limit.Token)}");
            }

            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>Causes faults until the time is over, or something failed by itself.</summary>
    private async Task FailAsync()
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_run.Stopping);
        ended.CancelAfter(_run.Duration);
        await Task.WhenAll([WatchAsync(ended), _commits.RunAsync(ended.Token), _progress.RunAsync(ended.Token), .. _lanes.Select(lane => lane.RunAsync(ended.Token))]);
        _run.Stopping.ThrowIfCancellationRequested();
    }

    private async Task WatchAsync(CancellationTokenSource ended)
    {
        while (!ended.IsCancellationRequested)
        {
            if (_run.Children.FirstOrDefault(child => child.HasFailed) is { } failed)
            {
                _failures.Add(new Violation(ViolationKind.Failed, $"{failed.Name} ended by itself; what it wrote last is in {failed.OutputPath}"));
                await ended.CancelAsync();
            }

            await Task.Delay(100, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>All faults are over: work ends, what is unknown is settled, every store says what it holds, and the group catches up.</summary>
    private async Task EndAsync()
    {
        _progress.Say($"{Describe()}  all faults are over");
        await Task.WhenAll(_stores.Select(store => store.StopAsync()));

        // One settles all that is unknown, so that nothing is written any more when the others say what they hold.
        await AuditAsync(_stores[1]);
        await Task.WhenAll(_stores.Where(store => store != _stores[1]).Select(AuditAsync));

        if (!await _commits.UntilCaughtUpAsync(CatchUpLimit))
        {
            _failures.Add(new Violation(ViolationKind.Failed, $"the consumer group has not handled everything {CatchUpLimit.TotalSeconds:N0} s after the last fault"));
        }

        await Task.WhenAll(_members.Select(member => member.StopAsync()));
    }

    private async Task AuditAsync(ChildProcess store)
    {
        store.Become(StoreRole.AuditOf(store.Role));
        store.Start();
        _audits.Add(store.NameOfStart);
        await store.WaitAsync(AuditLimit, "could not say what it holds");
    }

    private string Describe()
    {
        _counter.Update();
        var current = string.Join("; ", _lanes.Select(lane => lane.Current).OfType<string>());
        return FormattableString.Invariant(
            $"acked {_counter.Acknowledged,6:N0}  conflicts {_counter.Conflicts,5:N0}  unknown {_counter.Unknown,4:N0}  handled {_counter.Handled,6:N0}  faults {Faults,3}  {current}");
    }
}
