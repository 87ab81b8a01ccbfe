namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>What histories must reach for their invariants to mean anything.</summary>
internal enum Happening
{
    Accepted,
    Conflict,
    Unknown,
    NotWritten,
    Cancelled,
    Joined,
    AcknowledgedAtPosition,
    AcknowledgedAhead,
    AcknowledgedBehind,
    AcknowledgedLate,
    ResolvedAccepted,
    ResolvedRejected,
    ResolvedFromLog,
    FilterScanned,
    TailRested,
    Yielded,
    ProducerReplaced,
    Crashed,
}
