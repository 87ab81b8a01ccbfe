using System.Buffers.Binary;
using System.Text.Unicode;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using static Messaging.Patterns.Kafka.EventSourcing.Frames.BinaryFrameFormat;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Reads what a frame in layout <c>binary</c> says of itself.</summary>
/// <remarks>A pure function of the record's bytes. What it takes for a frame can be read to the last byte; nothing is made of the events here.</remarks>
internal static class BinaryFrameReader
{
    public static FrameFault? Read(StreamKey stream, ReadOnlySpan<byte> value, out FrameHeader header)
    {
        header = default;

        if (FindNewer(value) is { } newer)
        {
            return newer;
        }

        if (value.Length < HeaderSize)
        {
            return new FrameFault($"it ends after {value.Length} bytes, and the header alone has {HeaderSize}");
        }

        var read = new FrameHeader(
            stream,
            new AppendId(new Guid(value.Slice(AppendIdAt, 16), bigEndian: true)),
            BinaryPrimitives.ReadInt64BigEndian(value[FirstVersionAt..]),
            BinaryPrimitives.ReadInt32BigEndian(value[CountAt..]),
            BinaryPrimitives.ReadInt64BigEndian(value[BaseAt..]),
            BinaryPrimitives.ReadInt32BigEndian(value[PartitionsAt..]));

        if (FindFault(value, read) is { } fault)
        {
            return fault;
        }

        header = read;
        return null;
    }

    /// <summary>Returns whether a frame says of itself what is expected.</summary>
    public static bool Fits(ReadOnlySpan<byte> value, in FrameHeader frame) =>
        value.Length >= HeaderSize && value[LayoutAt] == Layout
        && BinaryPrimitives.ReadInt32BigEndian(value[LogVersionAt..]) == FrameHeader.LogVersion
        && BinaryPrimitives.ReadInt64BigEndian(value[FirstVersionAt..]) == frame.FirstVersion
        && BinaryPrimitives.ReadInt64BigEndian(value[BaseAt..]) == frame.Base
        && new Guid(value.Slice(AppendIdAt, 16), bigEndian: true) == frame.AppendId.Value
        && BinaryPrimitives.ReadInt32BigEndian(value[PartitionsAt..]) == frame.Partitions
        && BinaryPrimitives.ReadInt32BigEndian(value[CountAt..]) == frame.Count;

    /// <summary>Returns the events of a frame.</summary>
    public static BinaryEvents EventsOf(ReadOnlySpan<byte> frame) => new(frame, BinaryPrimitives.ReadInt32BigEndian(frame[HeaderSizeAt..]));

    /// <summary>Returns the trace in which a frame was written; empty if there was none.</summary>
    public static void ReadTrace(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> parent, out ReadOnlySpan<byte> state)
    {
        var fields = FieldsOf(frame, BinaryPrimitives.ReadInt32BigEndian(frame[HeaderSizeAt..]));
        parent = state = default;

        while (fields.TryRead())
        {
            if (fields.Tag == HeaderField.TraceParent)
            {
                parent = fields.Value;
            }
            else if (fields.Tag == HeaderField.TraceState)
            {
                state = fields.Value;
            }
        }
    }

    private static BinaryFields FieldsOf(ReadOnlySpan<byte> frame, int headerSize) => new(frame[HeaderSize..headerSize]);

    private static FrameFault? FindNewer(ReadOnlySpan<byte> value) =>
        value.Length <= LayoutAt ? null
        : value[LayoutAt] != Layout
            ? new FrameFault($"it has layout {value[LayoutAt]} of the binary layouts, and this library knows {Layout}: update the library", IsNewer: true)
        : value.Length >= FirstVersionAt && BinaryPrimitives.ReadInt32BigEndian(value[LogVersionAt..]) is var version and > FrameHeader.LogVersion
            ? new FrameFault($"it has log version {version}, and this library knows {FrameHeader.LogVersion}: update the library", IsNewer: true)
        : null;

    private static FrameFault? FindFault(ReadOnlySpan<byte> value, in FrameHeader read)
    {
        var headerSize = BinaryPrimitives.ReadInt32BigEndian(value[HeaderSizeAt..]);

        return BinaryPrimitives.ReadInt32BigEndian(value[LogVersionAt..]) != FrameHeader.LogVersion ? new FrameFault("its log version is not above 0")
            : read.FirstVersion < 0 || read.Base < 0 || read.Count < 0 || read.FirstVersion > long.MaxValue - read.Count
                ? new FrameFault("its first version, base or count is not one that a stream or log can have")
            : read.Partitions <= 0 ? new FrameFault("its partition count is not above 0")
            : read.AppendId.IsEmpty ? new FrameFault("its append id is all zeros")
            : (read.FirstVersion == 0) != (read.Count == 0) ? new FrameFault($"first version {read.FirstVersion} does not fit {read.Count} events: only a barrier has 0 of both")
            : headerSize < HeaderSize || headerSize > value.Length ? new FrameFault($"its header has {headerSize} bytes; {HeaderSize} to {value.Length} are possible")
            : FindFaultInHeaderFields(FieldsOf(value, headerSize)) ?? FindFaultInEvents(value, headerSize, read.Count);
    }

    private static FrameFault? FindFaultInHeaderFields(BinaryFields fields)
    {
        while (!fields.IsAtEnd)
        {
            var before = fields.Tag;

            if (!fields.TryRead() || !IsRight(fields.Tag, fields.Value, isRepeated: fields.Tag == before))
            {
                return new FrameFault("its header has a field that is not as it must be");
            }
        }

        return null;
    }

    private static bool IsRight(byte tag, ReadOnlySpan<byte> value, bool isRepeated) => tag switch
    {
        HeaderField.TraceParent => !isRepeated && value.Length == TraceParentSize,
        HeaderField.TraceState => !isRepeated && !value.IsEmpty && Utf8.IsValid(value),
        _ => true,
    };

    private static FrameFault? FindFaultInEvents(ReadOnlySpan<byte> value, int headerSize, int count)
    {
        var events = new BinaryEvents(value, headerSize);

        while (events.MoveNext())
        {
        }

        return events.Fault is { } fault ? new FrameFault(fault)
            : events.Count != count ? new FrameFault($"it says that it has {count} events, and has {events.Count}")
            : null;
    }
}
