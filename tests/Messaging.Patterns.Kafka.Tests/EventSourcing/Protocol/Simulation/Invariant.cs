namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>What must hold in every history.</summary>
internal enum Invariant
{
    SuccessAcceptedOnce,
    ConflictNeverAccepted,
    FailureNeverWritten,
    UnknownResolvesToOne,
    NoGapsNoRepeats,
    IdAcceptedOnce,
    ReadersAgree,
    FilterEqualsRule,
    ReadsInOrder,
    Linearizable,
    NoSpuriousStop,
    LossNoticed,
    EveryCallAnswered,
}
