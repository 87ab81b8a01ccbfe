using System.Text.Json;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>What owners say of themselves in the control topic.</summary>
internal static class ReportFormat
{
    /// <summary>How many parked keys are told, so that a record stays small.</summary>
    public const int MostParked = 20;

    private const int LongestMessage = 500;

    /// <summary>Writes the properties of a report.</summary>
    public static void Write(Utf8JsonWriter json, ControlEntry.Report report)
    {
        json.WriteString("owner", report.Owner);
        json.WriteString("stopped", report.Stopped);

        if (report.StoppedAt is { } offset)
        {
            json.WriteNumber("stoppedAt", offset);
        }

        json.WriteNumber("parkedKeys", report.ParkedKeys);
        json.WriteStartArray("parked");

        foreach (var parked in report.Parked.Take(MostParked))
        {
            Write(json, parked);
        }

        json.WriteEndArray();
    }

    /// <summary>Reads the properties of a report.</summary>
    public static ControlEntry.Report Read(ControlledPartition partition, JsonElement value) => new(
        value.GetProperty("owner").GetString(),
        value.GetProperty("stopped").GetString(),
        value.TryGetProperty("stoppedAt", out var offset) ? offset.GetInt64() : null,
        value.GetProperty("parkedKeys").GetInt32(),
        [.. value.GetProperty("parked").EnumerateArray().Select(parked => ReadParked(partition, parked))]);

    private static void Write(Utf8JsonWriter json, ParkedKey parked)
    {
        json.WriteStartObject();
        json.WriteNumber("offset", parked.Offset);
        json.WriteBase64String("key", parked.Key.Span);
        json.WriteString("since", parked.Since);

        if (parked.IsRedirected)
        {
            json.WriteBoolean("redirected", true);
        }

        json.WriteNumber("attempts", parked.Attempts);

        if (parked.NextAttempt is { } next)
        {
            json.WriteString("nextAttempt", next);
        }

        json.WriteNumber("events", parked.Events);
        json.WriteString("exceptionType", parked.ExceptionType);
        json.WriteString("exceptionMessage", parked.ExceptionMessage.Length > LongestMessage ? parked.ExceptionMessage[..LongestMessage] : parked.ExceptionMessage);
        json.WriteEndObject();
    }

    private static ParkedKey ReadParked(ControlledPartition partition, JsonElement parked) => new()
    {
        Group = partition.Group,
        Topic = partition.Topic,
        Partition = partition.Partition,
        Offset = parked.GetProperty("offset").GetInt64(),
        Key = parked.GetProperty("key").GetBytesFromBase64(),
        Since = parked.GetProperty("since").GetDateTimeOffset(),
        IsRedirected = parked.TryGetProperty("redirected", out var redirected) && redirected.GetBoolean(),
        Attempts = parked.GetProperty("attempts").GetInt32(),
        NextAttempt = parked.TryGetProperty("nextAttempt", out var next) ? next.GetDateTimeOffset() : null,
        Events = parked.GetProperty("events").GetInt32(),
        ExceptionType = parked.GetProperty("exceptionType").GetString()!,
        ExceptionMessage = parked.GetProperty("exceptionMessage").GetString()!,
    };
}
