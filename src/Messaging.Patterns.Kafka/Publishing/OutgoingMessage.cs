using System.Runtime.InteropServices;
using Confluent.Kafka;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Kafka.Publishing;

/// <summary>Makes of a record what the client takes.</summary>
internal static class OutgoingMessage
{
    public static Message<byte[], byte[]> Of(OutgoingRecord record)
    {
        var message = new Message<byte[], byte[]> { Key = BytesOf(record.Key)!, Value = BytesOf(record.Value)! };

        if (record.Headers.Count > 0)
        {
            message.Headers = [];

            foreach (var header in record.Headers)
            {
                message.Headers.Add(header.Name, BytesOf(header.Value));
            }
        }

        return message;
    }

    // The client takes whole arrays.
    private static byte[]? BytesOf(ReadOnlyMemory<byte>? memory) => memory is not { } bytes
        ? null
        : MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0 && segment.Array is { } array && array.Length == segment.Count
            ? array
            : bytes.ToArray();
}
