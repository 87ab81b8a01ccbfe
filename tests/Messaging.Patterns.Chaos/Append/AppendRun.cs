using Messaging.Patterns.Chaos.Append.Processes;
using Messaging.Patterns.Chaos.Faults;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Append;

/// <summary>One run of the scenario: start, faults, calm, judgement.</summary>
internal sealed class AppendRun : IDisposable
{
    private static readonly TimeSpan AuditLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CatchUpLimit = TimeSpan.FromMinutes(2);

    private readonly ChaosRun _run;
    private readonly List<ChildProcess> _stores;
    private readonly List<ChildProcess> _members;
    private readonly FaultRun _faults;
    private readonly AckCounter _counter;
    private readonly CommitWatch _commits;
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
        _counter = new AckCounter(run);
        _commits = new CommitWatch(run, MemberProcess.Group, AppendScenario.Partitions);
        _faults = new FaultRun(
            run,
            [
                new(BrokerFaults.Of(run.Cluster, ChaosRun.Brokers), run.Seed),
                new(NetworkFaults.Of(run.Cluster, ChaosRun.Zones, ChaosRun.Brokers), run.Seed + 1),
                new(ProcessFaults.Of(run.Children), run.Seed + 2),
            ],
            Describe);
    }

    public async Task<Verdict> RunAsync()
    {
        await _faults.StartAsync(_stores[0]);

        if (await _faults.FailAsync(_commits.RunAsync))
        {
            await EndAsync();
        }

        _faults.Say("judging");
        var judgement = new AppendJudgement(_run, _faults.Caused, _audits.Contains);
        return judgement.Judge(_commits.Commits, _faults.Failures) with { Remarks = _faults.Remarks };
    }

    public void Dispose()
    {
        _counter.Dispose();
        _commits.Dispose();
    }

    /// <summary>All faults are over: work ends, what is unknown is settled, every store says what it holds, and the group catches up.</summary>
    private async Task EndAsync()
    {
        await Task.WhenAll(_stores.Select(store => store.StopAsync()));

        // One settles all that is unknown, so that nothing is written any more when the others say what they hold.
        await AuditAsync(_stores[1]);
        await Task.WhenAll(_stores.Where(store => store != _stores[1]).Select(AuditAsync));

        if (!await _commits.UntilCaughtUpAsync(CatchUpLimit))
        {
            _faults.Fail($"the consumer group has not handled everything {CatchUpLimit.TotalSeconds:N0} s after the last fault: {_commits.Behind}");
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
        return FormattableString.Invariant(
            $"acked {_counter.Acknowledged,6:N0}  conflicts {_counter.Conflicts,5:N0}  unknown {_counter.Unknown,4:N0}  handled {_counter.Handled,6:N0}");
    }
}
