using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Kafka.Consuming.DeadLetters;

namespace Messaging.Patterns.Kafka.Tests.Consuming;

/// <summary>The headers of dead letters are a public format.</summary>
public sealed class DeadLetterFormatTests
{
    private readonly ConsumeResult<byte[], byte[]> _record = new()
    {
        TopicPartitionOffset = new("orders", 3, 42),
        Message = new()
        {
            Key = [1, 2],
            Value = [0xff],
            Headers = [new Header("tenant", [7]), new Header("empty", null)],
            Timestamp = new(new DateTime(2026, 11, 28, 14, 5, 6, 789, DateTimeKind.Utc), TimestampType.LogAppendTime),
        },
    };

    [Fact]
    public void Our_headers_stand_behind_those_of_the_record_and_are_text()
    {
        var message = Write(new InvalidOperationException("not like this"), index: 1, firstVersion: 5);

        Assert.Equal((_record.Message.Key, _record.Message.Value), (message.Key, message.Value));
        Assert.Equal(
            [
                ("tenant", "\a"), ("empty", null), ("dead-letter-group", "balances"), ("dead-letter-topic", "orders"), ("dead-letter-partition", "3"), ("dead-letter-offset", "42"),
                ("dead-letter-epoch", "0"), ("dead-letter-timestamp", "2026-11-28T14:05:06.7890000Z"), ("dead-letter-attempts", "4"),
                ("dead-letter-exception-type", "System.InvalidOperationException"), ("dead-letter-exception-message", "not like this"), ("dead-letter-time", "2026-03-01T12:00:00.0000000Z"),
                ("dead-letter-original-headers", "2"), ("dead-letter-index", "1"), ("dead-letter-stream-version", "6"),
            ],
            message.Headers.Select(header => (header.Key, (string?)(header.GetValueBytes() is { } bytes ? Encoding.UTF8.GetString(bytes) : null))));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var letter = Read(Write(new InvalidOperationException("not like this"), index: 1, firstVersion: 5))!;

        Assert.Equal(("0@7", "balances", "orders", 3, 42L, 1, 6L, 0L), (letter.Id, letter.Group, letter.Topic, letter.Partition, letter.Offset, letter.Index, letter.Version, letter.Epoch));
        Assert.Equal([1, 2], letter.Key!.Value.ToArray());
        Assert.Equal([0xff], letter.Value!.Value.ToArray());
        Assert.Equal(["tenant", "empty"], letter.Headers.Select(header => header.Key));
        Assert.Equal((4, "System.InvalidOperationException", "not like this"), (letter.Attempts, letter.ExceptionType, letter.ExceptionMessage));
        Assert.Equal(new DateTimeOffset(_record.Message.Timestamp.UtcDateTime), letter.Timestamp);
    }

    [Fact]
    public void A_record_without_key_and_value_and_headers_that_could_not_be_read_is_read_back_without_them()
    {
        _record.Message = new() { Key = null!, Value = null!, Timestamp = _record.Message.Timestamp };

        var letter = Read(Write(new InvalidOperationException(), index: null, firstVersion: 0))!;

        Assert.Equal((null, null, null, 0L, 0), (letter.Key, letter.Value, letter.Index, letter.Version, letter.Headers.Count));
    }

    [Fact]
    public void A_dead_letter_of_a_dead_letter_says_where_it_failed_last_and_keeps_the_headers_of_the_first()
    {
        var first = Write(new InvalidOperationException("first"), index: 1, firstVersion: 5);
        _record.Message = first;
        _record.TopicPartitionOffset = new("balances.dead-letters", 0, 9);

        var second = Read(Write(new FormatException("second"), index: null, firstVersion: 0))!;

        Assert.Equal(("balances.dead-letters", 9L, null, 0L, "System.FormatException"), (second.Topic, second.Offset, second.Index, second.Version, second.ExceptionType));
        Assert.Equal(first.Headers.Select(header => header.Key), second.Headers.Select(header => header.Key));
    }

    [Fact]
    public void The_text_of_an_exception_is_kept_up_to_a_length() =>
        Assert.Equal(4_000, Read(Write(new InvalidOperationException(new string('x', 10_000)), index: 0, firstVersion: 0))!.ExceptionMessage.Length);

    [Fact]
    public void A_record_of_somebody_else_is_no_dead_letter() => Assert.Null(Read(new() { Headers = [new Header("dead-letter-topic", [1])] }));

    [Fact]
    public void Spring_finds_its_headers_by_option()
    {
        var headers = Write(new InvalidOperationException("outer", new FormatException("inner")), index: 0, firstVersion: 0, DeadLetterHeaders.Spring).Headers;

        Assert.Equal("orders", Text(headers, "kafka_dlt-original-topic"));
        Assert.Equal([0, 0, 0, 3], headers.GetLastBytes("kafka_dlt-original-partition"));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 42], headers.GetLastBytes("kafka_dlt-original-offset"));
        Assert.Equal(_record.Message.Timestamp.UnixTimestampMs, System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(headers.GetLastBytes("kafka_dlt-original-timestamp")));
        Assert.Equal("LogAppendTime", Text(headers, "kafka_dlt-original-timestamp-type"));
        Assert.Equal("balances", Text(headers, "kafka_dlt-original-consumer-group"));
        Assert.Equal(("System.InvalidOperationException", "System.FormatException", "outer"), (Text(headers, "kafka_dlt-exception-fqcn"), Text(headers, "kafka_dlt-exception-cause-fqcn"), Text(headers, "kafka_dlt-exception-message")));
        Assert.Contains("inner", Text(headers, "kafka_dlt-exception-stacktrace"), StringComparison.Ordinal);
        Assert.DoesNotContain(headers, header => header.Key.StartsWith("__connect", StringComparison.Ordinal));
    }

    [Fact]
    public void Kafka_Connects_tools_find_their_headers_by_option()
    {
        var headers = Write(new InvalidOperationException("outer"), index: 0, firstVersion: 0, DeadLetterHeaders.Connect).Headers;

        Assert.Equal(
            ["topic", "partition", "offset", "connector.name", "task.id", "stage", "class.name", "exception.class.name", "exception.message", "exception.stacktrace"],
            headers.Select(header => header.Key).Where(name => name.StartsWith("__connect.errors.", StringComparison.Ordinal)).Select(name => name["__connect.errors.".Length..]));
        Assert.Equal(("orders", "3", "42", "balances"), (Text(headers, "__connect.errors.topic"), Text(headers, "__connect.errors.partition"), Text(headers, "__connect.errors.offset"), Text(headers, "__connect.errors.connector.name")));
    }

    private static string Text(Headers headers, string name) => Encoding.UTF8.GetString(headers.GetLastBytes(name));

    private static Messaging.Patterns.Consuming.DeadLetter? Read(Message<byte[], byte[]> message) =>
        DeadLetterReader.Read(new() { TopicPartitionOffset = new("balances.dead-letters", 0, 7), Message = message }, replayedAt: null);

    private Message<byte[], byte[]> Write(Exception exception, int? index, long firstVersion, DeadLetterHeaders further = DeadLetterHeaders.Own) =>
        new DeadLetterWriter("balances", further, new ManualClock()).Write(new GroupRecord(null!, _record, firstVersion), new HandlingFailure(exception, index, 4));
}
