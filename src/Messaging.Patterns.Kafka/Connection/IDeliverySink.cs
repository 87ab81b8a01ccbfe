using Confluent.Kafka;

namespace Messaging.Patterns.Kafka.Connection;

/// <summary>Hears once what became of a record that was sent.</summary>
internal interface IDeliverySink
{
    /// <summary>Takes the report, on the producer's own thread; must be quick. Of the record itself the report says nothing.</summary>
    void Delivered(DeliveryReport<byte[], byte[]> report);
}
