using System.Buffers;
using System.Collections.Frozen;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.Diagnostics;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.EventSourcing;

/// <summary>Serializes events when they are appended, and back when they are read, and refuses what the store on Kafka would refuse.</summary>
internal sealed class StoredEventCodec(EventCodec codec, TimeProvider time)
{
    // Names that the event store on Kafka keeps for itself (docs/formats.md): metadata that passes here must pass there.
    private static readonly FrozenSet<string> Reserved =
        FrozenSet.Create(StringComparer.Ordinal, "streamversion", "logbase", "logversion", "logpartitions", "appendid");

    public IReadOnlyList<StoredEvent> Encode(AppendId id, IReadOnlyList<EventData> events)
    {
        var now = time.GetUtcNow();
        return [.. events.Select((data, index) => Encode(data, data.Id ?? id.ToEventId(index), now, Reserved.Contains) with { AppendId = id })];
    }

    public StoredEvent Encode(EventData data, string id, DateTimeOffset now, Func<string, bool> isReserved)
    {
        foreach (var name in data.Metadata.Keys)
        {
            CloudEventAttributes.ThrowIfInvalid(name, isReserved(name));
        }

        var bytes = new ArrayBufferWriter<byte>();
        var type = codec.GetTypeName(data.Payload);
        codec.Encode(data.Payload, bytes);
        var contentType = codec.ContentTypeOf(data.Payload);
        return new(id, new RawEvent(type, bytes.WrittenMemory, contentType), (data.Time ?? now).ToUniversalTime(), data.Metadata.ToFrozenDictionary(StringComparer.Ordinal))
        {
            Trace = CallerTrace.Current?.Context ?? default,
        };
    }

    public object Decode(StoredEvent stored, bool isRaw) =>
        isRaw ? stored.Raw : codec.Decode(stored.Raw.Type, stored.Raw.ContentType, stored.Raw.Data);

    public RecordedEvent Decode(StoredEvent stored, StreamId stream, long version, Position position, bool isRaw) => new()
    {
        Stream = stream,
        Version = version,
        Id = stored.Id,
        Type = stored.Raw.Type,
        Time = stored.Time,
        Position = position,
        AppendId = stored.AppendId,
        Payload = Decode(stored, isRaw),
        Metadata = stored.Metadata,
        Trace = stored.Trace,
    };

    /// <summary>Refuses what no store appends.</summary>
    public static void ThrowIfInvalid(StreamId stream, IReadOnlyList<EventData> events)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(events);

        if (events.Count == 0)
        {
            throw new ArgumentException($"The append to stream '{stream}' has no events; at least one is needed.", nameof(events));
        }

        if (events.Contains(null!))
        {
            throw new ArgumentException($"The append to stream '{stream}' has an event that is null.", nameof(events));
        }
    }

    /// <summary>Refuses options of a read that make no sense.</summary>
    public static void ThrowIfInvalid(StreamReadOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.FromVersion, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxCount, 1, nameof(options));
    }
}
