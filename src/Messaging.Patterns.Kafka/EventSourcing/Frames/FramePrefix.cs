using System.Globalization;
using System.Text.Unicode;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Recognises a known frame by how its bytes begin.</summary>
internal static class FramePrefix
{
    private const int MaxBytes = 256;

    /// <summary>Returns whether a record's value begins as the writer of this library writes a frame: with everything that the frame says of itself.</summary>
    /// <remarks>A "no" says nothing: the same frame may have been written in another order of fields, and has to be parsed.</remarks>
    public static bool Fits(ReadOnlySpan<byte> value, in FrameHeader frame)
    {
        if (BinaryFrameFormat.IsMarked(value))
        {
            return BinaryFrameReader.Fits(value, frame);
        }

        Span<byte> prefix = stackalloc byte[MaxBytes];
        return Utf8.TryWrite(
            prefix,
            CultureInfo.InvariantCulture,
            $"{(frame.Count > 1 ? "[" : "")}{{\"specversion\":\"1.0\",\"streamversion\":\"{frame.FirstVersion}\",\"logbase\":\"{frame.Base}\",\"logversion\":{FrameHeader.LogVersion},\"logpartitions\":{frame.Partitions},\"appendid\":\"{frame.AppendId.Value:N}\",",
            out var length) && value.StartsWith(prefix[..length]);
    }
}
