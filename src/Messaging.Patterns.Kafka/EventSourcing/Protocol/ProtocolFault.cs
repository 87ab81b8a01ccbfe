namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>The facts of a stop; the shell adds topic, partition and remedy.</summary>
/// <param name="Reason">The kind.</param>
/// <param name="Text">What was expected and what was found, as the rest of a sentence.</param>
internal sealed record ProtocolFault(FaultReason Reason, string Text)
{
    public static ProtocolFault Replaced(long offset, in FrameHeader expected, in FrameHeader found) =>
        new(FaultReason.FrameReplaced, $"offset {offset} must hold {expected}, but it holds {found}");

    public static ProtocolFault Missing(long offset, in FrameHeader expected) =>
        new(FaultReason.FrameMissing, $"offset {offset} must hold {expected}, but the log has no such frame there");

    public static ProtocolFault Unexpected(long offset, in FrameHeader found) =>
        new(FaultReason.FrameReplaced, $"offset {offset} held no frame when it was folded, but it holds {found}");

    public static ProtocolFault ClaimedTwice(long offset, in FrameHeader second) =>
        new(FaultReason.OffsetClaimedTwice, $"offset {offset} was acknowledged for {second}, but also for another frame");

    /// <summary>Returns the fault that a verdict on a frame means: of any frame, or (<see cref="Verdict.Gap"/>) of one of our own.</summary>
    public static ProtocolFault Of(Verdict verdict, long offset, in FrameHeader frame) => verdict switch
    {
        Verdict.BaseBeyondOffset => new(
            FaultReason.BaseBeyondOffset, $"offset {offset} holds {frame}, whose writer had folded up to offset {frame.Base}: the log lost records since"),
        Verdict.OtherPartitionCount => new(
            FaultReason.OtherPartitionCount, $"offset {offset} holds {frame}, written when the topic had {frame.Partitions} partitions"),
        Verdict.Gap => new(
            FaultReason.EventsMissing, $"offset {offset} holds our {frame}, but the events before it are missing: the log lost records"),
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, "The verdict is no fault."),
    };
}
