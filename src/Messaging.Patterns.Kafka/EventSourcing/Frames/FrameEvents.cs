using System.Text.Json;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Storage;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Reads the events out of accepted frames.</summary>
internal sealed class FrameEvents(EventCodec codec)
{
    /// <summary>Gets the filter of the attributes that are the frame's own.</summary>
    public static CloudEventAttributeFilter OwnAttributes { get; } = IsOwn;

    /// <summary>Returns the events of a frame, in order.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="position">The place up to and including the frame.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="isRaw">Whether payloads stay serialized.</param>
    public IEnumerable<RecordedEvent> Read(StreamId stream, Position position, StoredFrame frame, bool isRaw)
    {
        var events = new List<CloudEvent>(1);
        CloudEventJson.Read(frame.Value, events, OwnAttributes);
        var firstVersion = frame.LastVersion - events.Count + 1;

        return events.Select((cloudEvent, index) => new RecordedEvent
        {
            Stream = stream,
            Version = firstVersion + index,
            Id = cloudEvent.Id,
            Type = cloudEvent.Type,
            Time = cloudEvent.Time ?? default,
            Position = position,
            Payload = isRaw
                ? new RawEvent(cloudEvent.Type, cloudEvent.Data, cloudEvent.DataContentType)
                : codec.Decode(cloudEvent.Type, cloudEvent.DataContentType, cloudEvent.Data),
            Metadata = cloudEvent.Extensions,
        });
    }

    private static bool IsOwn(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals(FrameFormat.StreamVersion) || reader.ValueTextEquals(FrameFormat.LogBase) || reader.ValueTextEquals(FrameFormat.LogVersionName)
        || reader.ValueTextEquals(FrameFormat.LogPartitions) || reader.ValueTextEquals(FrameFormat.AppendId);
}
