namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

internal sealed record Violation(Invariant Invariant, string Text);
