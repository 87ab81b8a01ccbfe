using System.Globalization;
using Confluent.Kafka;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Kafka.Consuming.DeadLetters;

/// <summary>Reads the records of a dead letter topic.</summary>
internal static class DeadLetterReader
{
    /// <summary>Returns which dead letter of the same partition a record marks as replayed; <see langword="null"/> if it is no mark.</summary>
    public static (long Offset, DateTimeOffset Time)? ReadMark(ConsumeResult<byte[], byte[]> record)
    {
        var headers = record.Message.Headers;
        return TextHeaders.Find(headers, DeadLetterFormat.OriginalHeaders) is null && TextHeaders.FindNumber(headers, DeadLetterFormat.Replayed) is { } offset ? (offset, TextHeaders.FindTime(headers, DeadLetterFormat.Time) ?? default) : null;
    }

    /// <summary>Returns the dead letter; <see langword="null"/> if the record is none.</summary>
    /// <param name="record">The record.</param>
    /// <param name="replayedAt">When it was replayed.</param>
    public static DeadLetter? Read(ConsumeResult<byte[], byte[]> record, DateTimeOffset? replayedAt)
    {
        var headers = record.Message.Headers;

        if (TextHeaders.FindNumber(headers, DeadLetterFormat.OriginalHeaders) is not { } originals || originals < 0 || originals > headers.Count)
        {
            return null;
        }

        return new DeadLetter
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{record.Partition.Value}@{record.Offset.Value}"),
            Group = TextHeaders.Find(headers, DeadLetterFormat.Group) ?? "",
            Topic = TextHeaders.Find(headers, DeadLetterFormat.Topic) ?? "",
            Partition = (int)(TextHeaders.FindNumber(headers, DeadLetterFormat.Partition) ?? -1),
            Offset = TextHeaders.FindNumber(headers, DeadLetterFormat.Offset) ?? -1,
            Index = (int?)TextHeaders.FindNumber(headers.Skip((int)originals), DeadLetterFormat.Index),
            Version = TextHeaders.FindNumber(headers.Skip((int)originals), DeadLetterFormat.Version) ?? 0,
            Epoch = TextHeaders.FindNumber(headers, DeadLetterFormat.Epoch) ?? 0,
            Timestamp = TextHeaders.FindTime(headers, DeadLetterFormat.Timestamp) ?? default,
            Key = MemoryOf(record.Message.Key),
            Value = MemoryOf(record.Message.Value),
            Headers = [.. headers.Take((int)originals).Select(header => KeyValuePair.Create<string, ReadOnlyMemory<byte>>(header.Key, header.GetValueBytes()))],
            Attempts = (int)(TextHeaders.FindNumber(headers, DeadLetterFormat.Attempts) ?? 0),
            ExceptionType = TextHeaders.Find(headers, DeadLetterFormat.ExceptionType) ?? "",
            ExceptionMessage = TextHeaders.Find(headers, DeadLetterFormat.ExceptionMessage) ?? "",
            FailedAt = TextHeaders.FindTime(headers, DeadLetterFormat.Time) ?? default,
            ReplayedAt = replayedAt,
        };
    }

    // The type is said, since null is convertible to an empty memory too.
    private static ReadOnlyMemory<byte>? MemoryOf(byte[]? bytes) => bytes is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(bytes);
}
