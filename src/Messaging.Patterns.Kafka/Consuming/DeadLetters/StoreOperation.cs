using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;

namespace Messaging.Patterns.Kafka.Consuming.DeadLetters;

/// <summary>Sends one record and waits until it is stored.</summary>
internal sealed class StoreOperation : DeliverySink
{
    private readonly TaskCompletionSource<Offset> _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private StoreOperation()
    {
    }

    /// <summary>Returns when the record is stored as durably as its topic says, and its offset, if the brokers told that.</summary>
    /// <exception cref="KafkaException">It is not, or may not be.</exception>
    public static Task<Offset> SendAsync(KafkaProducer producer, TopicPartition target, Message<byte[], byte[]> message)
    {
        var operation = new StoreOperation();
        producer.Send(target, message, operation);
        return operation._stored.Task;
    }

    public override void Delivered(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError)
        {
            _stored.SetException(new KafkaException(report.Error));
        }
        else
        {
            _stored.SetResult(report.Offset);
        }
    }
}
