using System.Collections.Frozen;
using System.Diagnostics;
using System.Text;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Makes of the bytes of an event in layout <c>binary</c> what applications see.</summary>
internal static class BinaryEventText
{
    /// <summary>Begins to read the events of a frame.</summary>
    /// <exception cref="CloudEventFormatException">It is none: it was damaged since it was folded.</exception>
    public static BinaryEvents Begin(ReadOnlySpan<byte> frame, out FrameHeader header) => BinaryFrameReader.Read(default, frame, out header) is { } fault
        ? throw new CloudEventFormatException($"Expected a frame in layout 'binary', but {fault.Reason}.")
        : BinaryFrameReader.EventsOf(frame);

    public static string IdOf(in BinaryEvents events, AppendId append) => events.Id.IsEmpty ? append.ToEventId(events.Count - 1) : Encoding.UTF8.GetString(events.Id);

    public static string ContentTypeOf(in BinaryEvents events) => events.ContentType.IsEmpty ? FrameFormat.JsonContentType : KnownTexts.Of(events.ContentType);

    public static IReadOnlyDictionary<string, string> MetadataOf(in BinaryEvents events)
    {
        if (events.Metadata.IsEmpty)
        {
            return FrozenDictionary<string, string>.Empty;
        }

        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var fields = new BinaryFields(events.Metadata);

        while (fields.TryRead())
        {
            BinaryEvents.Split(fields.Value, out var name, out var value);
            metadata[KnownTexts.Of(name)] = Encoding.UTF8.GetString(value);
        }

        return metadata;
    }

    /// <summary>Returns the trace of a frame's writer, or the default.</summary>
    public static ActivityContext TraceOf(ReadOnlySpan<byte> frame)
    {
        BinaryFrameReader.ReadTrace(frame, out var parent, out var state);
        return parent.IsEmpty
            ? default
            : new(
                ActivityTraceId.CreateFromBytes(parent[..16]), ActivitySpanId.CreateFromBytes(parent[16..24]), (ActivityTraceFlags)parent[24],
                state.IsEmpty ? null : Encoding.UTF8.GetString(state), isRemote: true);
    }

    /// <summary>Reads all events of a frame as they would be in the layout <c>cloudevents</c>.</summary>
    public static List<CloudEvent> Read(StreamId stream, byte[] frame)
    {
        var read = new List<CloudEvent>(1);
        var events = Begin(frame, out var header);
        var (parent, state) = TraceAttributesOf(frame);

        while (events.MoveNext())
        {
            read.Add(new CloudEvent
            {
                Id = IdOf(events, header.AppendId),
                Source = FrameFormat.SourceOf(stream.Category),
                Type = KnownTexts.Of(events.Type),
                Subject = stream.Id,
                Time = events.Time,
                DataContentType = ContentTypeOf(events),
                Data = frame.AsMemory(events.Data),
                TraceParent = parent,
                TraceState = state,
                Extensions = MetadataOf(events),
            });
        }

        return read;
    }

    private static (string? Parent, string? State) TraceAttributesOf(ReadOnlySpan<byte> frame)
    {
        BinaryFrameReader.ReadTrace(frame, out var parent, out var state);
        return parent.IsEmpty
            ? (null, null)
            : ($"00-{Convert.ToHexStringLower(parent[..16])}-{Convert.ToHexStringLower(parent[16..24])}-{Convert.ToHexStringLower(parent[24..])}", state.IsEmpty ? null : Encoding.UTF8.GetString(state));
    }
}
