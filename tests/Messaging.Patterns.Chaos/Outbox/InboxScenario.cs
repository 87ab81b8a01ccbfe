using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox.Processes;

namespace Messaging.Patterns.Chaos.Outbox;

/// <summary>
/// What <see cref="OutboxScenario"/> does, and two consumer groups with an inbox, whose handlers write to the database and tell of it through the outbox, while they are rewound and
/// their members stand still.
/// </summary>
internal sealed class InboxScenario : IScenario
{
    /// <summary>The group that knows events, in order per key.</summary>
    public const string Packing = "chaos-packing";

    /// <summary>The group that knows positions alone, in the order of partitions.</summary>
    public const string Counting = "chaos-counting";

    /// <summary>The topic of the orders.</summary>
    public const string Control = "chaos-control";

    public string Name => "inbox";

    public string Summary => "inbox: as outbox, and two consumer groups whose handlers write to the database and tell of it by the outbox, which are rewound all the time: each event takes effect once in each epoch";

    public IReadOnlyList<string> Mutants { get; } = [ShopProcess.WithoutInbox, UnfencedCommands.WithoutFence];

    public Task<Verdict> RunAsync(ChaosRun run) => OutboxRun.RunAsync(run, new(Members: 2));

    public Task RunChildAsync(ChildSettings settings, CancellationToken stopping) => ShopProcess.RunAsync(settings, stopping);
}
