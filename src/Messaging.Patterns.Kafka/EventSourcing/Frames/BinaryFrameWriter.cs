using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Serialization;
using static Messaging.Patterns.Kafka.EventSourcing.Frames.BinaryFrameFormat;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Serializes appends in layout <c>binary</c>.</summary>
internal sealed class BinaryFrameWriter(EventCodec codec, TimeProvider time) : IFrameWriter
{
    private static readonly FrameBodies Bodies = new();

    public IFrameBytes Prepare(StreamId stream, AppendId id, int partitions, IReadOnlyList<EventData> events)
    {
        var output = FrameBuffer.Begin();
        WriteHeader(output, id, partitions, events.Count);
        var now = time.GetUtcNow();

        for (var index = 0; index < events.Count; index++)
        {
            WriteEvent(output, events[index], now);
        }

        return new BinaryFrame(Bodies, output.End(Bodies), events.Count);
    }

    public IFrameBytes PrepareBarrier(AppendId id, string source, int partitions, DateTimeOffset now)
    {
        var output = FrameBuffer.Begin();
        WriteHeader(output, id, partitions, count: 0);
        return new BinaryFrame(Bodies, output.End(Bodies), count: 0);
    }

    private static void WriteHeader(FrameBuffer output, AppendId id, int partitions, int count)
    {
        // First version and base stay zero until they are chosen.
        var header = output.Add(HeaderSize);
        header.Clear();
        Mark.CopyTo(header);
        header[LayoutAt] = Layout;
        BinaryPrimitives.WriteInt32BigEndian(header[LogVersionAt..], FrameHeader.LogVersion);
        id.Value.TryWriteBytes(header[AppendIdAt..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(header[PartitionsAt..], partitions);
        BinaryPrimitives.WriteInt32BigEndian(header[CountAt..], count);
        BinaryPrimitives.WriteInt32BigEndian(header[HeaderSizeAt..], HeaderSize);

        if (count > 0 && Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: not null } activity)
        {
            WriteTrace(output, activity);
            BinaryPrimitives.WriteInt32BigEndian(output.At(HeaderSizeAt), output.Count);
        }
    }

    private static void WriteTrace(FrameBuffer output, Activity activity)
    {
        Span<byte> parent = stackalloc byte[TraceParentSize];
        activity.TraceId.CopyTo(parent[..16]);
        activity.SpanId.CopyTo(parent[16..24]);
        parent[^1] = (byte)activity.ActivityTraceFlags;
        WriteField(output, HeaderField.TraceParent, parent);

        if (activity.TraceStateString is { Length: > 0 } state)
        {
            WriteField(output, HeaderField.TraceState, state);
        }
    }

    private void WriteEvent(FrameBuffer output, EventData data, DateTimeOffset now)
    {
        var start = output.Count;
        BinaryPrimitives.WriteInt64BigEndian(output.Add(EventSizeSize + TimeSize)[EventSizeSize..], (data.Time ?? now).UtcTicks - DateTime.UnixEpoch.Ticks);
        WriteField(output, EventField.Type, FrameFormat.TypeOf(codec, data));

        if (data.Id is { } id)
        {
            WriteField(output, EventField.Id, id);
        }

        if (codec.ContentTypeOf(data.Payload) is { Length: > 0 } contentType && contentType != FrameFormat.JsonContentType)
        {
            WriteField(output, EventField.ContentType, contentType);
        }

        if (data.Metadata.Count > 0)
        {
            WriteMetadata(output, data.Metadata);
        }

        output.Add(1)[0] = EventField.End;
        codec.Encode(data.Payload, output);
        BinaryPrimitives.WriteInt32BigEndian(output.At(start), output.Count - start - EventSizeSize);
    }

    private static void WriteMetadata(FrameBuffer output, IReadOnlyDictionary<string, string> metadata)
    {
        foreach (var (name, value) in metadata)
        {
            FrameFormat.ThrowIfNoMetadata(name);

            // As in JSON, where null means that an attribute is not there.
            if (value is not null)
            {
                WriteMetadata(output, name, value);
            }
        }
    }

    private static void WriteMetadata(FrameBuffer output, string name, string value)
    {
        var field = AddField(output, EventField.Metadata, 1 + name.Length + Encoding.UTF8.GetByteCount(value));
        field[0] = (byte)name.Length;
        Encoding.UTF8.GetBytes(name, field[1..]);
        Encoding.UTF8.GetBytes(value, field[(1 + name.Length)..]);
    }

    private static void WriteField(FrameBuffer output, byte tag, string text) =>
        Encoding.UTF8.GetBytes(text, AddField(output, tag, Encoding.UTF8.GetByteCount(text)));

    private static void WriteField(FrameBuffer output, byte tag, ReadOnlySpan<byte> bytes) => bytes.CopyTo(AddField(output, tag, bytes.Length));

    private static Span<byte> AddField(FrameBuffer output, byte tag, int size)
    {
        var head = 1 + BinaryFields.SizeOfLength(size);
        var field = output.Add(head + size);
        field[0] = tag;
        BinaryFields.WriteLength(field[1..], size);
        return field[head..];
    }
}
