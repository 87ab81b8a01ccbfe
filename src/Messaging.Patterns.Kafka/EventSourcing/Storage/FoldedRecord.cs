using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage;

/// <summary>A record that the fold has passed.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="Frame">What its frame says of itself; <see langword="null"/> for what is no frame, such as a record set aside.</param>
/// <param name="IsAccepted">Whether its events belong to the stream.</param>
/// <param name="Key">Its key, the stream id in UTF-8; empty when it was not accepted.</param>
/// <param name="Value">Its value, whole; empty when it was not accepted.</param>
internal readonly record struct FoldedRecord(long Offset, FrameHeader? Frame, bool IsAccepted, byte[] Key, ArraySegment<byte> Value)
{
    /// <summary>Gets whose the value's array is, to be given back when the store has done with it; <see langword="null"/> if it may be kept.</summary>
    public FrameBodies? Owner { get; init; }

    /// <summary>The store does not look at the value any more.</summary>
    public void Release() => Owner?.GiveBack(Value.Array!);

    /// <summary>Returns what stands for offsets without a frame, the last of which is given.</summary>
    public static FoldedRecord Skipped(long offset) => new(offset, null, false, [], ArraySegment<byte>.Empty);
}
