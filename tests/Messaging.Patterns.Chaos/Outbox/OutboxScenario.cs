using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox.Processes;

namespace Messaging.Patterns.Chaos.Outbox;

/// <summary>Transactions that write events of shared keys, and relays that send them, while PostgreSQL, brokers, networks and processes fail.</summary>
internal sealed class OutboxScenario : IScenario
{
    public const int Partitions = 4;

    public string Name => "outbox";

    public string Summary => "outbox: interleaved and long transactions, several relays; PostgreSQL, brokers, networks and processes fail; judged by a ledger in the database";

    public IReadOnlyList<string> Mutants { get; } = [WriterClient.DirectWriter];

    public Task<Verdict> RunAsync(ChaosRun run) => OutboxRun.RunAsync(run, new());

    public Task RunChildAsync(ChildSettings settings, CancellationToken stopping) => ShopProcess.RunAsync(settings, stopping);
}
