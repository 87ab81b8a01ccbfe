using System.Buffers.Binary;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage;

/// <summary>The bytes in which checkpoints keep the last frame folded: offset, stream key, append id, first version, base, count, partitions; big-endian.</summary>
internal static class FoldedFrameBytes
{
    public const int Size = 64;

    public static void Write(Span<byte> bytes, long offset, in FrameHeader frame)
    {
        BinaryPrimitives.WriteInt64BigEndian(bytes, offset);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[8..], frame.Stream.Value);
        frame.AppendId.Value.TryWriteBytes(bytes[24..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes[40..], frame.FirstVersion);
        BinaryPrimitives.WriteInt64BigEndian(bytes[48..], frame.Base);
        BinaryPrimitives.WriteInt32BigEndian(bytes[56..], frame.Count);
        BinaryPrimitives.WriteInt32BigEndian(bytes[60..], frame.Partitions);
    }

    public static FoldedFrame? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            return null;
        }

        var stream = new StreamKey(BinaryPrimitives.ReadUInt128BigEndian(bytes[8..]));
        var id = new AppendId(new Guid(bytes[24..40], bigEndian: true));
        var (first, @base) = (BinaryPrimitives.ReadInt64BigEndian(bytes[40..]), BinaryPrimitives.ReadInt64BigEndian(bytes[48..]));
        var (count, partitions) = (BinaryPrimitives.ReadInt32BigEndian(bytes[56..]), BinaryPrimitives.ReadInt32BigEndian(bytes[60..]));
        return new(BinaryPrimitives.ReadInt64BigEndian(bytes), new(stream, id, first, count, @base, partitions));
    }
}
