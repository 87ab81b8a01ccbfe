namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>A rule of the protocol that the simulated instances break on purpose.</summary>
internal enum Mutation
{
    None,
    AcknowledgementIsSuccess,
    TimeoutIsFailure,
    SeveralInFlightPerStream,
    ReadWithoutWaiting,
    LinearizableReadWithoutBarrier,
    FilterWithoutLookBack,
    CheckpointAheadOfItsData,
    CheckpointWithoutWindow,
}
