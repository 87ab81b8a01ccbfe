using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Serializes appends in layout <c>cloudevents</c>.</summary>
internal sealed class CloudEventsFrameWriter(EventCodec codec, TimeProvider time) : IFrameWriter
{
    private static readonly FrameBodies Bodies = new();

    [ThreadStatic]
    private static Scratch? _scratch;

    // Only registered categories get here, so they are few.
    private readonly ConcurrentDictionary<string, string> _sources = new(StringComparer.Ordinal);

    public static PreparedFrame PrepareBarrier(AppendId id, string source, int partitions, DateTimeOffset now)
    {
        var scratch = _scratch ??= new Scratch();
        var writer = scratch.Begin();
        WriteFrameFields(writer, id, partitions);
        WriteAttributes(writer, id.ToString(), source, FrameFormat.BarrierType, now);
        return new PreparedFrame(Bodies, scratch.End(Bodies), []);
    }

    public PreparedFrame Prepare(StreamId stream, AppendId id, int partitions, IReadOnlyList<EventData> events)
    {
        var scratch = _scratch ??= new Scratch();
        var now = time.GetUtcNow();
        var writer = scratch.Begin();
        WriteFrameFields(writer, id, partitions);
        WriteEvent(writer, scratch.Payload, stream, events[0], events[0].Id ?? id.ToEventId(0), now);
        var first = scratch.End(Bodies);
        byte[][] others = events.Count > 1 ? new byte[events.Count - 1][] : [];

        for (var i = 1; i < events.Count; i++)
        {
            WriteEvent(scratch.Begin(), scratch.Payload, stream, events[i], events[i].Id ?? id.ToEventId(i), now);
            others[i - 1] = scratch.End();
        }

        return new PreparedFrame(Bodies, first, others);
    }

    IFrameBytes IFrameWriter.Prepare(StreamId stream, AppendId id, int partitions, IReadOnlyList<EventData> events) => Prepare(stream, id, partitions, events);

    IFrameBytes IFrameWriter.PrepareBarrier(AppendId id, string source, int partitions, DateTimeOffset now) => PrepareBarrier(id, source, partitions, now);

    private static void WriteFrameFields(Utf8JsonWriter writer, AppendId id, int partitions)
    {
        Span<byte> hex = stackalloc byte[32];
        id.Value.TryFormat(hex, out _, "N");
        writer.WriteNumber(FrameFormat.LogVersionName, FrameHeader.LogVersion);
        writer.WriteNumber(FrameFormat.LogPartitions, partitions);
        writer.WriteString(FrameFormat.AppendId, hex);
    }

    private static void WriteAttributes(Utf8JsonWriter writer, string id, string source, string type, DateTimeOffset now)
    {
        writer.WriteString("id"u8, id);
        writer.WriteString("source"u8, source);
        writer.WriteString("type"u8, type);
        writer.WriteString("time"u8, now.UtcDateTime);
    }

    private void WriteEvent(Utf8JsonWriter writer, ArrayBufferWriter<byte> payload, StreamId stream, EventData data, string id, DateTimeOffset now)
    {
        WriteAttributes(writer, id, SourceOf(stream.Category), FrameFormat.TypeOf(codec, data), data.Time ?? now);
        writer.WriteString("subject"u8, stream.Id);
        CloudEventJson.WriteTrace(writer);

        foreach (var (name, value) in data.Metadata)
        {
            FrameFormat.ThrowIfNoMetadata(name);
            writer.WriteString(name, value);
        }

        payload.ResetWrittenCount();
        codec.Encode(data.Payload, payload);
        CloudEventJson.WriteData(writer, codec.ContentTypeOf(data.Payload), payload.WrittenSpan);
    }

    private string SourceOf(string category) => _sources.GetOrAdd(category, FrameFormat.SourceOf);

    /// <summary>Buffers that a thread uses again and again.</summary>
    private sealed class Scratch
    {
        private const int KeepAtMost = 1 << 20;

        // Records are read on consoles, not put into web pages: letters stay letters.
        private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

        private ArrayBufferWriter<byte> _output = new(1024);
        private Utf8JsonWriter? _writer;

        public ArrayBufferWriter<byte> Payload { get; private set; } = new(1024);

        public Utf8JsonWriter Begin()
        {
            _output.ResetWrittenCount();
            _writer ??= new Utf8JsonWriter(_output, Options);
            _writer.Reset(_output);
            _writer.WriteStartObject();
            return _writer;
        }

        /// <summary>Returns what was written, the opening brace replaced by what closes the field before and a comma.</summary>
        public byte[] End()
        {
            var body = new byte[Finish()];
            Copy(body);
            return body;
        }

        /// <summary>Returns the same in an array that is used again.</summary>
        public ArraySegment<byte> End(FrameBodies bodies)
        {
            var size = Finish();
            var body = bodies.Take(size);
            Copy(body);
            return new(body, 0, size);
        }

        private int Finish()
        {
            _writer!.WriteEndObject();
            _writer.Flush();
            return _output.WrittenCount + 1;
        }

        private void Copy(byte[] body)
        {
            "\","u8.CopyTo(body);
            _output.WrittenSpan[1..].CopyTo(body.AsSpan(2));

            if (_output.Capacity + Payload.Capacity > KeepAtMost)
            {
                (_output, Payload) = (new(1024), new(1024));
            }
        }
    }
}
