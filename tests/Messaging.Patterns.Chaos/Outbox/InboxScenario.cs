using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox.Processes;

namespace Messaging.Patterns.Chaos.Outbox;

/// <summary>What <see cref="OutboxScenario"/> does, and a consumer group with an inbox, whose handlers write to the database and tell of it through the outbox.</summary>
internal sealed class InboxScenario : IScenario
{
    /// <summary>The group.</summary>
    public const string Group = "chaos-packing";

    public string Name => "inbox";

    public string Summary => "inbox: as outbox, and a consumer group whose handlers write to the database and tell of it by the outbox: each event takes effect once";

    public IReadOnlyList<string> Mutants { get; } = [ShopProcess.WithoutInbox];

    public Task<Verdict> RunAsync(ChaosRun run) => OutboxRun.RunAsync(run, members: 2);

    public Task RunChildAsync(ChildSettings settings, CancellationToken stopping) => ShopProcess.RunAsync(settings, stopping);
}
