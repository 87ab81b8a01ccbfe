using System.Buffers;
using System.Collections.Frozen;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.Testing.EventSourcing;

/// <summary>Serializes events when they are appended, and back when they are read, so that what a real store would refuse is refused here too.</summary>
internal sealed class StoredEventCodec(EventCodec codec, TimeProvider time)
{
    // Names that the event store on Kafka keeps for itself (docs/formats.md): metadata that passes here must pass there.
    private static readonly FrozenSet<string> Reserved =
        FrozenSet.Create(StringComparer.Ordinal, "streamversion", "logbase", "logversion", "logpartitions", "appendid");

    public IReadOnlyList<StoredEvent> Encode(AppendId id, IReadOnlyList<EventData> events)
    {
        var now = time.GetUtcNow();
        return [.. events.Select((data, index) => Encode(data, data.Id ?? id.ToEventId(index), now, Reserved.Contains))];
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
        return new(id, new RawEvent(type, bytes.WrittenMemory, contentType), (data.Time ?? now).ToUniversalTime(), data.Metadata.ToFrozenDictionary(StringComparer.Ordinal));
    }

    public object Decode(StoredEvent stored, bool isRaw) =>
        isRaw ? stored.Raw : codec.Decode(stored.Raw.Type, stored.Raw.ContentType, stored.Raw.Data);

    public RecordedEvent Decode(StoredAppend append, int index, bool isRaw)
    {
        var stored = append.Events[index];
        return new RecordedEvent
        {
            Stream = append.Stream,
            Version = append.FirstVersion + index,
            Id = stored.Id,
            Type = stored.Raw.Type,
            Time = stored.Time,
            Position = append.ToResult().Position,
            Payload = Decode(stored, isRaw),
            Metadata = stored.Metadata,
        };
    }
}
