using System.Buffers.Binary;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>The places and numbers of the layout <c>binary</c> (docs/formats.md). All numbers are big-endian.</summary>
internal static class BinaryFrameFormat
{
    /// <summary>The number behind the mark: this arrangement of fields.</summary>
    public const byte Layout = 1;

    public const int LayoutAt = 3;
    public const int LogVersionAt = 4;
    public const int FirstVersionAt = 8;
    public const int BaseAt = 16;
    public const int AppendIdAt = 24;
    public const int PartitionsAt = 40;
    public const int CountAt = 44;
    public const int HeaderSizeAt = 48;

    /// <summary>The bytes of a header without optional fields.</summary>
    public const int HeaderSize = 52;

    /// <summary>An event begins with the size of what follows, and the time.</summary>
    public const int EventSizeSize = 4;
    public const int TimeSize = 8;

    /// <summary>A trace parent without its version: trace id, span id, flags.</summary>
    public const int TraceParentSize = 25;

    /// <summary>The first byte occurs in no UTF-8 text, so in no JSON; neither Protobuf nor a schema registry's framing begins with it.</summary>
    public static ReadOnlySpan<byte> Mark => [0xFC, (byte)'M', (byte)'P'];

    /// <summary>Returns whether a record's value is a frame of this family of layouts, if it is one at all.</summary>
    public static bool IsMarked(ReadOnlySpan<byte> value) => value.StartsWith(Mark);

    /// <summary>Returns the frame's bytes with another base.</summary>
    public static byte[] Rebase(ReadOnlySpan<byte> frame, long @base)
    {
        var copy = frame.ToArray();
        BinaryPrimitives.WriteInt64BigEndian(copy.AsSpan(BaseAt), @base);
        return copy;
    }

    /// <summary>The optional fields of a header.</summary>
    public static class HeaderField
    {
        public const byte TraceParent = 1;
        public const byte TraceState = 2;
    }

    /// <summary>The fields of an event; 0 ends them.</summary>
    public static class EventField
    {
        public const byte End = 0;
        public const byte Type = 1;
        public const byte Id = 2;
        public const byte ContentType = 3;
        public const byte Metadata = 4;
    }
}
