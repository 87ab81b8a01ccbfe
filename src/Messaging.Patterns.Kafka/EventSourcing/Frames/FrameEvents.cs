using System.Text.Json;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Diagnostics;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Reads the events out of accepted frames.</summary>
internal sealed class FrameEvents(EventCodec codec)
{
    private static readonly CloudEventAttributeFilter OwnAttributes = IsOwn;

    /// <summary>Returns the events of a frame, in order, as CloudEvents.</summary>
    /// <exception cref="CloudEventFormatException">An event is none by the rules of CloudEvents.</exception>
    public static List<CloudEvent> Read(StreamId stream, byte[] frame)
    {
        if (BinaryFrameFormat.IsMarked(frame))
        {
            return BinaryEventText.Read(stream, frame);
        }

        var events = new List<CloudEvent>(1);
        CloudEventJson.Read(frame, events, OwnAttributes);
        return events;
    }

    /// <summary>Reads the events of a frame, in order.</summary>
    /// <param name="read">What is to be read.</param>
    /// <param name="events">Where to add the events.</param>
    /// <exception cref="EventSerializationException">A payload cannot be decoded, or the record is not what was folded or not an event by the rules of CloudEvents.</exception>
    /// <exception cref="UnknownEventTypeException">A type name is not registered.</exception>
    public void Read(in FrameRead read, List<RecordedEvent> events)
    {
        try
        {
            if (BinaryFrameFormat.IsMarked(read.Frame.Value))
            {
                ReadBinary(read, events);
            }
            else
            {
                ReadCloudEvents(read, events);
            }
        }
        catch (CloudEventFormatException exception)
        {
            // The rules of frames are fewer than those of CloudEvents, and never change.
            throw new EventSerializationException(
                $"The frame of stream '{read.Stream}' that ends at version {read.Frame.LastVersion}, offset {read.Frame.Offset}, cannot be read: {exception.Message}", exception);
        }
    }

    private void ReadCloudEvents(in FrameRead read, List<RecordedEvent> events)
    {
        var cloudEvents = new List<CloudEvent>(1);
        CloudEventJson.Read(read.Frame.Value, cloudEvents, OwnAttributes);
        var version = read.Frame.LastVersion - cloudEvents.Count;
        var append = CloudEventsFrameReader.AppendIdOf(read.Frame.Value);

        foreach (var cloudEvent in cloudEvents)
        {
            if (++version >= read.From && version - read.From < read.MaxCount)
            {
                events.Add(new RecordedEvent
                {
                    Stream = read.Stream,
                    Version = version,
                    Id = cloudEvent.Id,
                    Type = cloudEvent.Type,
                    Time = cloudEvent.Time ?? default,
                    Position = read.Position,
                    AppendId = append,
                    Payload = PayloadOf(read, cloudEvent.Type, cloudEvent.DataContentType, cloudEvent.Data),
                    Metadata = cloudEvent.Extensions,
                    Trace = KafkaDiagnostics.TraceOf(cloudEvent),
                });
            }
        }
    }

    private void ReadBinary(in FrameRead read, List<RecordedEvent> events)
    {
        var frame = read.Frame.Value;
        var walk = BinaryEventText.Begin(frame, out var header);
        var version = read.Frame.LastVersion - header.Count;
        var trace = BinaryEventText.TraceOf(frame);

        while (walk.MoveNext())
        {
            if (++version < read.From || version - read.From >= read.MaxCount)
            {
                continue;
            }

            var type = KnownTexts.Of(walk.Type);
            events.Add(new RecordedEvent
            {
                Stream = read.Stream,
                Version = version,
                Id = BinaryEventText.IdOf(walk, header.AppendId),
                Type = type,
                Time = walk.Time,
                Position = read.Position,
                AppendId = header.AppendId,
                Payload = PayloadOf(read, type, BinaryEventText.ContentTypeOf(walk), frame.AsMemory(walk.Data)),
                Metadata = BinaryEventText.MetadataOf(walk),
                Trace = trace,
            });
        }
    }

    private object PayloadOf(in FrameRead read, string type, string contentType, ReadOnlyMemory<byte> data) =>
        read.IsRaw ? new RawEvent(type, data, contentType) : codec.Decode(type, contentType, data);

    private static bool IsOwn(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals(FrameFormat.StreamVersion) || reader.ValueTextEquals(FrameFormat.LogBase) || reader.ValueTextEquals(FrameFormat.LogVersionName)
        || reader.ValueTextEquals(FrameFormat.LogPartitions) || reader.ValueTextEquals(FrameFormat.AppendId);
}
