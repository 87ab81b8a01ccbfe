using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Kafka.Publishing;

/// <summary>Sends records as they are through the producer of the process.</summary>
internal sealed class KafkaRecordProducer(KafkaProducer producer) : IRecordProducer
{
    public void Send(OutgoingRecord record, Action<RecordOutcome> completed)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentException.ThrowIfNullOrEmpty(record.Topic, nameof(record));
        ArgumentNullException.ThrowIfNull(completed);
        var message = OutgoingMessage.Of(record);
        producer.Send(new(record.Topic, Partition.Any), message, new Operation(record.Topic, message.Value?.Length ?? 0, completed));
    }

    private sealed class Operation(string topic, int size, Action<RecordOutcome> completed) : DeliverySink
    {
        public override void Delivered(DeliveryReport<byte[], byte[]> report) => completed(
            report.Error.IsError ? DeliveryFailure.Explain(topic, size, report.Error, report.Status) : new(RecordStatus.Acknowledged));
    }
}
