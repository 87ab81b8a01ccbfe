namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>An unclean election: a broker that missed the newest records became leader, and they are gone.</summary>
/// <param name="At">When.</param>
/// <param name="From">The first offset that was lost.</param>
/// <param name="Before">The log as it was.</param>
internal sealed record SimLoss(long At, long From, IReadOnlyList<SimRecord> Before);
