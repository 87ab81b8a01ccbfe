using System.Runtime.InteropServices;
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
        var message = new Message<byte[], byte[]> { Key = BytesOf(record.Key)!, Value = BytesOf(record.Value)! };

        if (record.Headers.Count > 0)
        {
            message.Headers = [];

            foreach (var header in record.Headers)
            {
                message.Headers.Add(header.Name, BytesOf(header.Value));
            }
        }

        producer.Send(new(record.Topic, Partition.Any), message, new Operation(record.Topic, message.Value?.Length ?? 0, completed));
    }

    // The client takes whole arrays.
    private static byte[]? BytesOf(ReadOnlyMemory<byte>? memory) => memory is not { } bytes
        ? null
        : MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0 && segment.Array is { } array && array.Length == segment.Count
            ? array
            : bytes.ToArray();

    private sealed class Operation(string topic, int size, Action<RecordOutcome> completed) : DeliverySink
    {
        public override void Delivered(DeliveryReport<byte[], byte[]> report) => completed(
            report.Error.IsError ? DeliveryFailure.Explain(topic, size, report.Error, report.Status) : new(RecordStatus.Acknowledged));
    }
}
