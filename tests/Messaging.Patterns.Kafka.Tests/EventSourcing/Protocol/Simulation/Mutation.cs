namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>A rule of the protocol that the simulated instances break on purpose, where a line of the library could not.</summary>
internal enum Mutation
{
    None,
    AcknowledgementIsSuccess,
    TimeoutIsFailure,
    SeveralInFlightPerStream,
}
