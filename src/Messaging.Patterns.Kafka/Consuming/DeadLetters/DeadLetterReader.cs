using System.Globalization;
using System.Text;
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
        return ReadText(headers, DeadLetterFormat.OriginalHeaders) is null && ReadNumber(headers, DeadLetterFormat.Replayed) is { } offset ? (offset, ReadTime(headers, DeadLetterFormat.Time)) : null;
    }

    /// <summary>Returns the dead letter; <see langword="null"/> if the record is none.</summary>
    /// <param name="record">The record.</param>
    /// <param name="replayedAt">When it was replayed.</param>
    public static DeadLetter? Read(ConsumeResult<byte[], byte[]> record, DateTimeOffset? replayedAt)
    {
        var headers = record.Message.Headers;

        if (ReadNumber(headers, DeadLetterFormat.OriginalHeaders) is not { } originals || originals < 0 || originals > headers.Count)
        {
            return null;
        }

        return new DeadLetter
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{record.Partition.Value}@{record.Offset.Value}"),
            Group = ReadText(headers, DeadLetterFormat.Group) ?? "",
            Topic = ReadText(headers, DeadLetterFormat.Topic) ?? "",
            Partition = (int)(ReadNumber(headers, DeadLetterFormat.Partition) ?? -1),
            Offset = ReadNumber(headers, DeadLetterFormat.Offset) ?? -1,
            Index = (int?)ReadNumber(headers.Skip((int)originals), DeadLetterFormat.Index),
            Version = ReadNumber(headers.Skip((int)originals), DeadLetterFormat.Version) ?? 0,
            Epoch = ReadNumber(headers, DeadLetterFormat.Epoch) ?? 0,
            Timestamp = ReadTime(headers, DeadLetterFormat.Timestamp),
            Key = MemoryOf(record.Message.Key),
            Value = MemoryOf(record.Message.Value),
            Headers = [.. headers.Take((int)originals).Select(header => KeyValuePair.Create<string, ReadOnlyMemory<byte>>(header.Key, header.GetValueBytes()))],
            Attempts = (int)(ReadNumber(headers, DeadLetterFormat.Attempts) ?? 0),
            ExceptionType = ReadText(headers, DeadLetterFormat.ExceptionType) ?? "",
            ExceptionMessage = ReadText(headers, DeadLetterFormat.ExceptionMessage) ?? "",
            FailedAt = ReadTime(headers, DeadLetterFormat.Time),
            ReplayedAt = replayedAt,
        };
    }

    // The type is said, since null is convertible to an empty memory too.
    private static ReadOnlyMemory<byte>? MemoryOf(byte[]? bytes) => bytes is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(bytes);

    // The last one counts: a record that was a dead letter before has older ones in front.
    private static string? ReadText(IEnumerable<IHeader> headers, string name) =>
        headers.LastOrDefault(header => header.Key == name)?.GetValueBytes() is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    private static long? ReadNumber(IEnumerable<IHeader> headers, string name) =>
        long.TryParse(ReadText(headers, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static DateTimeOffset ReadTime(IEnumerable<IHeader> headers, string name) =>
        DateTimeOffset.TryParse(ReadText(headers, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : default;
}
