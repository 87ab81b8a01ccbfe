using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>What an unknown outcome was resolved to.</summary>
/// <param name="Outcome">Accepted or rejected.</param>
/// <param name="Version">The version, if it was accepted.</param>
/// <param name="At">When.</param>
/// <param name="IsSound">Whether the instance that said so had folded what the log held then.</param>
internal readonly record struct SimResolution(AppendOutcome Outcome, long Version, long At, bool IsSound);
