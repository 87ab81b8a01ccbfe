using Confluent.Kafka;

namespace Messaging.Patterns.Kafka.Connection;

/// <summary>Hears once what became of a record that was sent.</summary>
internal abstract class DeliverySink
{
    private KafkaProducer? _producer;
    private Action<DeliveryReport<byte[], byte[]>>? _handler;

    /// <summary>Takes the report, on the producer's own thread; must be quick. Of the record itself the report says nothing.</summary>
    public abstract void Delivered(DeliveryReport<byte[], byte[]> report);

    /// <summary>Returns the client's delivery handler. The sink is its target: a lambda's closure would be one object more for every record under way. One that is sent with again has one handler.</summary>
    public Action<DeliveryReport<byte[], byte[]>> HandlerFor(KafkaProducer producer)
    {
        _producer = producer;
        return _handler ??= Report;
    }

    private void Report(DeliveryReport<byte[], byte[]> report) => _producer!.Delivered(this, report);
}
