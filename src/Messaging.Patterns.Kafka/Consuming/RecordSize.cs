using Confluent.Kafka;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>What a record takes in memory, about: its bytes, and the objects around them.</summary>
internal static class RecordSize
{
    private const int Objects = 512;
    private const int ObjectsOfHeader = 96;

    public static int Of(ConsumeResult<byte[], byte[]> record)
    {
        var message = record.Message;
        var size = Objects + (message.Key?.Length ?? 0L) + (message.Value?.Length ?? 0L);

        if (message.Headers is { Count: > 0 } headers)
        {
            foreach (var header in headers)
            {
                size += ObjectsOfHeader + header.Key.Length + (header.GetValueBytes()?.Length ?? 0);
            }
        }

        return (int)Math.Min(int.MaxValue, size);
    }
}
