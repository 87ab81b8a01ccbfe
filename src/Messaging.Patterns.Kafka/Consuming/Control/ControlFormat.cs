using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>The records of the control topic: key and value are JSON. Compaction keeps the last record of a key, so the key decides what may replace what.</summary>
internal static class ControlFormat
{
    private const string FormatKind = "format";
    private const int Version = 1;
    private const string RewindKind = "rewind";
    private const string PauseKind = "pause";
    private const string SkipKind = "skip";
    private const string DoneKind = "done";
    private const string ReportKind = "report";

    /// <summary>Gets key and value of the first record, which names the version of the format; so no order has the epoch 0.</summary>
    public static (byte[] Key, byte[] Value) First => ("[\"format\"]"u8.ToArray(), "{\"version\":1}"u8.ToArray());

    /// <summary>
    /// Writes the key: kind, group, topic, partition. Skips have the record's offset besides, so that none replaces another; acknowledgements have the epoch, so
    /// that a former owner's, which comes late, does not replace a newer one.
    /// </summary>
    public static byte[] WriteKey(ControlledPartition partition, ControlEntry entry) => Write(json =>
    {
        json.WriteStartArray();
        json.WriteStringValue(KindOf(entry));
        json.WriteStringValue(partition.Group);
        json.WriteStringValue(partition.Topic);
        json.WriteNumberValue(partition.Partition);

        if (entry is ControlEntry.Skip skip)
        {
            json.WriteNumberValue(skip.Offset);
        }
        else if (entry is ControlEntry.Acknowledgement done)
        {
            json.WriteNumberValue(done.Epoch);
        }

        json.WriteEndArray();
    });

    /// <summary>Writes the value.</summary>
    public static byte[] WriteValue(ControlEntry entry) => Write(json =>
    {
        json.WriteStartObject();

        if (entry is ControlEntry.Order order)
        {
            json.WriteString("operation", order.Operation);
        }

        switch (entry)
        {
            case ControlEntry.Rewind rewind:
                json.WriteNumber("partitions", rewind.Partitions);
                json.WriteNumber("target", rewind.Target);
                json.WriteNumber("handled", rewind.Handled);
                json.WriteString("asked", rewind.Asked);
                break;
            case ControlEntry.Pause pause:
                json.WriteBoolean("paused", pause.IsPaused);
                break;
            case ControlEntry.Acknowledgement done:
                json.WriteNumber("rewound", done.Rewound);
                json.WriteNumber("replayUntil", done.ReplayUntil);
                break;
            case ControlEntry.Report report:
                ReportFormat.Write(json, report);
                break;
        }

        json.WriteEndObject();
    });

    /// <summary>Reads a record; <see langword="null"/> for one that forgets its key, and for the one that names the version.</summary>
    /// <exception cref="FormatException">It is none of the control topic's, or one of a newer version of the library.</exception>
    public static (ControlledPartition Partition, ControlEntry Entry)? Read(byte[]? key, byte[]? value)
    {
        if (key is not null && value is null)
        {
            return null;
        }

        try
        {
            using var named = JsonDocument.Parse(key ?? []);
            using var said = JsonDocument.Parse(value ?? []);
            var parts = named.RootElement;
            return parts[0].ValueEquals(FormatKind) && said.RootElement.GetProperty("version").GetInt32() == Version
                ? null
                : Read(new(parts[1].GetString()!, parts[2].GetString()!, parts[3].GetInt32()), parts, said.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException or FormatException)
        {
            throw new FormatException($"its key is '{System.Text.Encoding.UTF8.GetString(key ?? [])}' and it is not one that this version of the library knows: {exception.Message}", exception);
        }
    }

    private static (ControlledPartition Partition, ControlEntry Entry) Read(ControlledPartition partition, JsonElement key, JsonElement value) => (partition, key[0].GetString() switch
    {
        RewindKind => new ControlEntry.Rewind(
            OperationOf(value), value.GetProperty("partitions").GetInt32(), value.GetProperty("target").GetInt64(), value.GetProperty("handled").GetInt64(), value.GetProperty("asked").GetDateTimeOffset()),
        PauseKind => new ControlEntry.Pause(OperationOf(value), value.GetProperty("paused").GetBoolean()),
        SkipKind => new ControlEntry.Skip(OperationOf(value), key[4].GetInt64()),
        DoneKind => new ControlEntry.Acknowledgement(key[4].GetInt64(), value.GetProperty("rewound").GetInt64(), value.GetProperty("replayUntil").GetInt64()),
        ReportKind => ReportFormat.Read(partition, value),
        var kind => throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"the kind is '{kind}', expected '{RewindKind}', '{PauseKind}', '{SkipKind}', '{DoneKind}' or '{ReportKind}'")),
    });

    private static string OperationOf(JsonElement value) => value.GetProperty("operation").GetString()!;

    private static string KindOf(ControlEntry entry) => entry switch
    {
        ControlEntry.Rewind => RewindKind,
        ControlEntry.Pause => PauseKind,
        ControlEntry.Skip => SkipKind,
        ControlEntry.Report => ReportKind,
        _ => DoneKind,
    };

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        write(json);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
