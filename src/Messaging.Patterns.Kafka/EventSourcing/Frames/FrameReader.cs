using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Reads what a record of an event topic says of itself, whatever its layout. A pure function of key and value.</summary>
internal static class FrameReader
{
    public static FrameFault? Read(byte[]? key, byte[]? value, out FrameHeader header)
    {
        header = default;

        return key is null or [] ? new FrameFault("it has no key")
            : value is null or [] ? new FrameFault("it has no value")
            : Read(StreamKeys.Of(key), value, out header) ?? CheckKey(key, ref header);
    }

    /// <summary>Reads what a frame says of itself, whatever its key.</summary>
    public static FrameFault? Read(StreamKey stream, ReadOnlySpan<byte> value, out FrameHeader header) =>
        BinaryFrameFormat.IsMarked(value) ? BinaryFrameReader.Read(stream, value, out header) : CloudEventsFrameReader.Read(stream, value, out header);

    private static FrameFault? CheckKey(byte[] key, ref FrameHeader header)
    {
        if (header.IsBarrier || StreamKeys.IsStreamId(key))
        {
            return null;
        }

        header = default;
        return new FrameFault("its key is not a stream id");
    }
}
