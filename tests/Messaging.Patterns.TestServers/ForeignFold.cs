using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;

namespace Messaging.Patterns.TestServers;

/// <summary>Rule F as the documentation has it, by code that shares nothing with the library: a frame is accepted iff its first version follows the stream's.</summary>
public static class ForeignFold
{
    /// <summary>Folds the records of a topic, in order per partition, whose events have payloads with a <c>text</c>.</summary>
    /// <param name="records">The records.</param>
    public static List<LoggedFrame> Fold(IEnumerable<ConsumeResult<byte[], byte[]>> records)
    {
        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        return [.. records.Select(record => Judge(Parse(record), versions))];
    }

    private static LoggedFrame Judge(LoggedFrame frame, Dictionary<string, long> versions)
    {
        if (frame.Events.Count == 0 || frame.FirstVersion != versions.GetValueOrDefault(frame.Stream) + 1)
        {
            return frame;
        }

        versions[frame.Stream] = frame.LastVersion;
        return frame with { IsAccepted = true };
    }

    private static LoggedFrame Parse(ConsumeResult<byte[], byte[]> record) => ForeignBinaryFrame.IsOne(record.Message.Value)
        ? ForeignBinaryFrame.Parse(record.Partition.Value, record.Offset.Value, Encoding.UTF8.GetString(record.Message.Key), record.Message.Value)
        : ParseJson(record);

    private static LoggedFrame ParseJson(ConsumeResult<byte[], byte[]> record)
    {
        using var value = JsonDocument.Parse(record.Message.Value);
        var events = value.RootElement.ValueKind == JsonValueKind.Array ? value.RootElement.EnumerateArray().ToList() : [value.RootElement];
        return new LoggedFrame(
            record.Partition.Value,
            record.Offset.Value,
            Encoding.UTF8.GetString(record.Message.Key),
            Text(events[0], "appendid"),
            Number(events[0], "logbase"),
            IsAccepted: false,
            [.. events.Where(one => Number(one, "streamversion") > 0).Select(one => new LoggedEvent(
                Number(one, "streamversion"), Text(one, "id"), Text(one.GetProperty("data"), "text")))]);
    }

    private static string Text(JsonElement one, string name) => one.GetProperty(name).GetString()!;

    private static long Number(JsonElement one, string name) => long.Parse(Text(one, name), CultureInfo.InvariantCulture);
}
