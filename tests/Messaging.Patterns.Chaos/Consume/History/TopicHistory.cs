using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;

namespace Messaging.Patterns.Chaos.Consume.History;

/// <summary>Reads what topics hold with code that shares nothing with the library.</summary>
internal static class TopicHistory
{
    public static LoggedEvent ReadEvent(ConsumeResult<byte[], byte[]> record)
    {
        using var json = JsonDocument.Parse(record.Message.Value);
        var data = json.RootElement.GetProperty("data");
        return new(
            record.Partition.Value,
            record.Offset.Value,
            data.GetProperty("key").GetString()!,
            data.GetProperty("number").GetInt64(),
            data.GetProperty("failures").GetInt32() == Counted.Poison,
            record.Message.Timestamp.UtcDateTime);
    }

    /// <summary>Reads a record of the control topic; <see langword="null"/> for one that is neither an order nor an acknowledgement.</summary>
    public static ControlRecord? ReadControl(ConsumeResult<byte[], byte[]> record)
    {
        using var key = JsonDocument.Parse(record.Message.Key);
        var (parts, kind) = (key.RootElement, key.RootElement[0].GetString()!);

        if (kind is not (ControlRecord.Rewind or ControlRecord.Pause or ControlRecord.Skip or ControlRecord.Done))
        {
            return null;
        }

        using var value = JsonDocument.Parse(record.Message.Value);
        long of = kind is ControlRecord.Skip or ControlRecord.Done ? parts[4].GetInt64() : 0;
        long said = kind switch
        {
            ControlRecord.Rewind => value.RootElement.GetProperty("target").GetInt64(),
            ControlRecord.Done => value.RootElement.GetProperty("rewound").GetInt64(),
            _ => 0,
        };
        return new(record.Offset.Value, kind, parts[1].GetString()!, parts[3].GetInt32(), of, said);
    }

    public static SetAside ReadDeadLetter(ConsumeResult<byte[], byte[]> record) => new(
        record.Offset.Value, (int)Header(record, "dead-letter-partition"), Header(record, "dead-letter-offset"), Header(record, "dead-letter-epoch"));

    /// <summary>Reads a record of the retry topic; <see langword="null"/> for a claim or a release.</summary>
    public static RedirectedEvent? ReadRedirected(ConsumeResult<byte[], byte[]> record) =>
        record.Message.Headers.TryGetLastBytes("redirect-record", out var kind) && Encoding.UTF8.GetString(kind) == "redirected"
            ? new(record.Offset.Value, record.Partition.Value, Header(record, "redirect-offset"))
            : null;

    private static long Header(ConsumeResult<byte[], byte[]> record, string name) =>
        long.Parse(Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes(name)), CultureInfo.InvariantCulture);
}
