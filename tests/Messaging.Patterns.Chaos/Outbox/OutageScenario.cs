using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox.Processes;

namespace Messaging.Patterns.Chaos.Outbox;

/// <summary>What <see cref="OutboxScenario"/> does, while there is no Kafka at all: what is written meanwhile is kept, and sent in order once Kafka is back.</summary>
internal sealed class OutageScenario : IScenario
{
    public string Name => "outage";

    public string Summary => "outage: as outbox, while no broker is there from the begin to the end: transactions commit, and their events are sent in order afterwards";

    public IReadOnlyList<string> Mutants { get; } = [];

    public Task<Verdict> RunAsync(ChaosRun run) => OutboxRun.RunAsync(run, new(IsKafkaAway: true));

    public Task RunChildAsync(ChildSettings settings, CancellationToken stopping) => ShopProcess.RunAsync(settings, stopping);
}
