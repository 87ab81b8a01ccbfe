using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace Messaging.Patterns.Kafka.Consuming.DeadLetters;

/// <summary>The headers by which other systems mark dead letters.</summary>
internal static class ForeignHeaders
{
    private const string Spring = "kafka_dlt-";
    private const string Connect = "__connect.errors.";

    /// <summary>Adds those of Spring Kafka: texts in UTF-8, numbers as big-endian bytes.</summary>
    /// <remarks>https://docs.spring.io/spring-kafka/reference/kafka/annotation-error-handling.html, dead-letter publishing.</remarks>
    public static void AddSpring(Headers headers, string group, ConsumeResult<byte[], byte[]> record, Exception exception)
    {
        Add(headers, $"{Spring}original-topic", record.Topic);
        headers.Add($"{Spring}original-partition", BigEndian(record.Partition.Value));
        headers.Add($"{Spring}original-offset", BigEndian(record.Offset.Value));
        headers.Add($"{Spring}original-timestamp", BigEndian(record.Message.Timestamp.UnixTimestampMs));
        Add(headers, $"{Spring}original-timestamp-type", record.Message.Timestamp.Type == TimestampType.LogAppendTime ? "LogAppendTime" : "CreateTime");
        Add(headers, $"{Spring}original-consumer-group", group);
        Add(headers, $"{Spring}exception-fqcn", NameOf(exception));
        Add(headers, $"{Spring}exception-message", exception.Message);
        Add(headers, $"{Spring}exception-stacktrace", exception.ToString());

        if (exception.InnerException is { } cause)
        {
            Add(headers, $"{Spring}exception-cause-fqcn", NameOf(cause));
        }
    }

    /// <summary>Adds those of Kafka Connect, all of them texts. The group takes the place of the connector; there is one task.</summary>
    /// <remarks>https://cwiki.apache.org/confluence/display/KAFKA/KIP-298%3A+Error+Handling+in+Connect.</remarks>
    public static void AddConnect(Headers headers, string group, ConsumeResult<byte[], byte[]> record, Exception exception)
    {
        Add(headers, $"{Connect}topic", record.Topic);
        Add(headers, $"{Connect}partition", record.Partition.Value.ToString(CultureInfo.InvariantCulture));
        Add(headers, $"{Connect}offset", record.Offset.Value.ToString(CultureInfo.InvariantCulture));
        Add(headers, $"{Connect}connector.name", group);
        Add(headers, $"{Connect}task.id", "0");
        Add(headers, $"{Connect}stage", "TASK_PUT");
        Add(headers, $"{Connect}class.name", typeof(RecordHandler).FullName!);
        Add(headers, $"{Connect}exception.class.name", NameOf(exception));
        Add(headers, $"{Connect}exception.message", exception.Message);
        Add(headers, $"{Connect}exception.stacktrace", exception.ToString());
    }

    // The text of an exception is as long as it likes; a dead letter must not become too large for its topic by it.
    private static void Add(Headers headers, string name, string value) =>
        headers.Add(name, Encoding.UTF8.GetBytes(value.Length > DeadLetterFormat.LongestMessage ? value[..DeadLetterFormat.LongestMessage] : value));

    private static string NameOf(Exception exception) => exception.GetType().FullName ?? exception.GetType().Name;

    private static byte[] BigEndian(int number)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] BigEndian(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }
}
