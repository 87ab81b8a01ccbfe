namespace Messaging.Patterns.Chaos.Outbox;

/// <summary>What a run has beside writers and relays.</summary>
/// <param name="Members">How many members consumer groups with an inbox have.</param>
/// <param name="IsKafkaAway">Whether no broker is there from the begin to the end, instead of some that fail.</param>
internal sealed record OutboxPlan(int Members = 0, bool IsKafkaAway = false);
