using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Kafka.Consuming.Dispatch;
using Messaging.Patterns.Kafka.Consuming.Redirect;
using Messaging.Patterns.Tests;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Redirect;

/// <summary>The records of retry topics as they were written first. The file is never changed.</summary>
public sealed class RedirectFormatTests
{
    private static readonly RecordKey Key = new("account-42"u8.ToArray());

    private static readonly ConsumeResult<byte[], byte[]> Original = new()
    {
        TopicPartitionOffset = new("accounts", 3, 1043),
        Message = new()
        {
            Key = Key.Bytes!,
            Value = "{}"u8.ToArray(),
            Headers = [new Header("tenant", "blue"u8.ToArray()), new Header("empty", null), new Header("redirect-offset", "7"u8.ToArray())],
            Timestamp = new(new DateTime(2026, 11, 28, 14, 5, 6, 789, DateTimeKind.Utc), TimestampType.LogAppendTime),
        },
    };

    private static readonly GroupRecord Failed = new(null!, Original, FirstVersion: 5, new RecordProgress(2, new(new InvalidOperationException(), 2, 1), default));

    private static readonly string[] Golden = File.ReadAllLines(
        Path.Combine(RepositoryFolder.Root, "tests", "Messaging.Patterns.Kafka.Tests", "Consuming", "Redirect", "Golden", "retry-topic.txt"));

    [Fact]
    public void Every_record_is_written_as_it_was_first() => Assert.Equal(Golden, All().Select(Text));

    [Fact]
    public void Every_record_is_read_as_it_was_written() => Assert.Equal(
        [new RetryEntry.Claim(17, 12, 41, 1040), new RetryEntry.Redirected(18, Key, 1043), new RetryEntry.Released(18, Key, 19)],
        All().Select(message => RedirectFormat.Read(Stored(message))));

    [Fact]
    public void A_redirected_record_is_brought_back_as_it_was()
    {
        var (original, from, firstVersion) = RedirectFormat.Restore(Stored(All()[1]), new TopicPartition("accounts", 3));

        Assert.Equal((Original.TopicPartitionOffset, Original.Message.Timestamp.UtcDateTime, 2, 5L), (original.TopicPartitionOffset, original.Message.Timestamp.UtcDateTime, from, firstVersion));
        Assert.Equal((Original.Message.Key, Original.Message.Value), (original.Message.Key, original.Message.Value));
        Assert.Equal(Original.Message.Headers.Select(header => (header.Key, header.GetValueBytes())), original.Message.Headers.Select(header => (header.Key, header.GetValueBytes())));
    }

    [Fact]
    public void A_record_without_key_value_and_headers_is_brought_back_without_them()
    {
        var bare = new ConsumeResult<byte[], byte[]> { TopicPartitionOffset = new("accounts", 3, 1), Message = new() { Timestamp = Original.Message.Timestamp } };

        var message = RedirectFormat.Write(18, 0, new GroupRecord(null!, bare));

        var (original, from, firstVersion) = RedirectFormat.Restore(Stored(message), new TopicPartition("accounts", 3));
        Assert.Equal((null, null, 0, 0, 0L), (original.Message.Key, original.Message.Value, original.Message.Headers.Count, from, firstVersion));
        Assert.Equal(new RetryEntry.Redirected(18, default, 1), RedirectFormat.Read(Stored(message)));
    }

    [Theory]
    [InlineData("", "'redirect-version' is ''")]
    [InlineData("redirect-version=2", "'redirect-version' is '2', expected '1'")]
    [InlineData("redirect-version=1 redirect-record=moved", "'redirect-record' is 'moved', expected 'claim', 'redirected' or 'released'")]
    [InlineData("redirect-version=1 redirect-record=claim redirect-previous=x", "'redirect-previous' is missing")]
    [InlineData("redirect-version=1 redirect-record=released redirect-claim=18", "'redirect-up-to' is missing")]
    public void What_is_not_known_is_named_and_not_passed_over(string headers, string expected)
    {
        var message = new Message<byte[], byte[]> { Headers = [] };

        foreach (var header in headers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(header => header.Split('=')))
        {
            message.Headers.Add(header[0], Encoding.UTF8.GetBytes(header[1]));
        }

        Assert.Contains(expected, Assert.Throws<FormatException>(() => RedirectFormat.Read(Stored(message))).Message, StringComparison.Ordinal);
    }

    private static List<Message<byte[], byte[]>> All() =>
    [
        RedirectFormat.Write(new RetryEntry.Claim(Previous: 17, Low: 12, Epoch: 41, From: 1040)),
        RedirectFormat.Write(owner: 18, epoch: 41, Failed),
        RedirectFormat.Write(new RetryEntry.Released(Owner: 18, Key, UpTo: 19)),
    ];

    private static ConsumeResult<byte[], byte[]> Stored(Message<byte[], byte[]> message) => new() { TopicPartitionOffset = new("accounts.balances.retry", 3, 19), Message = message };

    private static string Text(Message<byte[], byte[]> message) =>
        $"key={Text(message.Key)} value={Text(message.Value)} {string.Join(' ', message.Headers.Select(header => $"{header.Key}={Text(header.GetValueBytes())}"))}";

    private static string Text(byte[]? bytes) => bytes is null ? "null" : Encoding.UTF8.GetString(bytes);
}
