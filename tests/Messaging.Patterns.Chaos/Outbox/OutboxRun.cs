using Messaging.Patterns.Chaos.Faults;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox.History;
using Messaging.Patterns.Chaos.Outbox.Processes;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Chaos.Outbox;

/// <summary>One run of these scenarios: start, faults, calm, judgement.</summary>
internal sealed class OutboxRun : IDisposable
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromMinutes(5);

    private readonly ChaosRun _run;
    private readonly ShopDatabase _database;
    private readonly List<ChildProcess> _writers;
    private readonly ChildProcess _relay;
    private readonly List<ChildProcess> _members;
    private readonly FaultRun _faults;
    private readonly JournalTails<Entry> _tails;
    private readonly ChildProcess? _operator;
    private readonly List<CommitWatch> _commits;
    private int _committed;

    private OutboxRun(ChaosRun run, PostgreSqlServer server, ShopDatabase database, OutboxPlan plan)
    {
        (_run, _database) = (run, database);
        _writers = [run.AddChild(ShopProcess.Writer, "writer-1"), run.AddChild(ShopProcess.WriterAndRelay, "writer-2")];
        _relay = run.AddChild(ShopProcess.Relay, "relay-1");
        _members = [.. Enumerable.Range(1, plan.Members).Select(number => run.AddChild(ShopProcess.Member, $"member-{number}"))];
        _tails = new JournalTails<Entry>(run);
        _operator = plan.Members > 0 ? run.AddChild(ShopProcess.Operator, "operator") : null;
        _commits = plan.Members > 0 ? [new CommitWatch(run, InboxScenario.Packing, OutboxScenario.Partitions), new CommitWatch(run, InboxScenario.Counting, OutboxScenario.Partitions)] : [];
        _faults = new FaultRun(
            run,
            [
                .. FaultsOfKafka(run, plan),
                new(ProcessFaults.Of([.. _writers, _relay]), run.Seed + 2),
                new(PostgreSqlFaults.Of(server), run.Seed + 3),
                .. _members.Count > 0 ? [new FaultLane([.. ProcessFaults.Of(_members), ProcessFaults.StandingStill(_members)], run.Seed + 4)] : Array.Empty<FaultLane>(),
            ],
            Describe);
    }

    public static async Task<Verdict> RunAsync(ChaosRun run, OutboxPlan plan)
    {
        await using var server = await PostgreSqlServer.StartAsync();
        var database = new ShopDatabase(server.ConnectionString);
        await database.CreateAsync();
        run.Database = database.ForProcesses;
        using var outbox = new OutboxRun(run, server, database, plan);
        return await outbox.RunAsync();
    }

    public void Dispose()
    {
        _tails.Dispose();
        _commits.ForEach(commits => commits.Dispose());
    }

    private static IEnumerable<FaultLane> FaultsOfKafka(ChaosRun run, OutboxPlan plan) => plan.IsKafkaAway
        ? [new([BrokerFaults.Outage(run.Cluster, ChaosRun.Brokers)], run.Seed)]
        : [new(BrokerFaults.Of(run.Cluster, ChaosRun.Brokers), run.Seed), new(NetworkFaults.Of(run.Cluster, ChaosRun.Zones, ChaosRun.Brokers), run.Seed + 1)];

    private async Task<Verdict> RunAsync()
    {
        // Until relays have taken their leases, and the group its partitions.
        await _faults.StartAsync(_writers[0], () => _database.IsWorkingAsync(_commits.Count > 0));

        if (await _faults.FailAsync())
        {
            await EndAsync();
        }

        _faults.Say("judging");
        return await new OutboxJudgement(_run, _faults, _database).JudgeAsync(_commits.Count > 0);
    }

    /// <summary>All faults are over: nothing more is written, the outbox is sent, and the group handles it and tells of it.</summary>
    private async Task EndAsync()
    {
        await Task.WhenAll(_writers[0].StopAsync(), _operator?.StopAsync() ?? Task.CompletedTask);
        _writers[1].Become(ShopProcess.Relay);
        await _writers[1].StopAsync();
        _writers[1].Start();

        if (!await _database.UntilSentAsync(DrainLimit))
        {
            _faults.Fail($"the outbox is not empty {DrainLimit.TotalSeconds:N0} s after the last fault: {await _database.DescribeOutboxAsync()}");
        }

        var areCaughtUp = await Task.WhenAll(_commits.Select(commits => commits.UntilCaughtUpAsync(DrainLimit)));

        foreach (var commits in _commits.Where((_, place) => !areCaughtUp[place]))
        {
            _faults.Fail($"{commits.Group} has not handled everything {DrainLimit.TotalSeconds:N0} s after the last fault: {commits.Behind}");
        }

        await Task.WhenAll(_members.Select(member => member.StopAsync()));

        if (!await _database.UntilSentAsync(DrainLimit))
        {
            _faults.Fail($"what handlers told is not sent {DrainLimit.TotalSeconds:N0} s after they ended: {await _database.DescribeOutboxAsync()}");
        }

        await Task.WhenAll(_relay.StopAsync(), _writers[1].StopAsync());
    }

    private string Describe()
    {
        _committed += _tails.ReadNew().OfType<TransactionEnded>().Where(ended => ended.IsCommitted == true).Sum(ended => ended.Ids.Count);
        return FormattableString.Invariant($"committed {_committed,6:N0}");
    }
}
