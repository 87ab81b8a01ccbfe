namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>How fresh a read is to be.</summary>
internal enum SimReadKind
{
    Session,
    Strong,
    Linearizable,
}
