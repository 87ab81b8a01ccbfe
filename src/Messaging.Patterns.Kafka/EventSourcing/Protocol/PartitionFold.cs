namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>A partition folded from its start up to <see cref="Position"/>: what every writer and every reader derives alike from the same log.</summary>
/// <param name="partitions">The partition count of the topic.</param>
/// <param name="windowCapacity">How many accepted appends are remembered.</param>
internal sealed class PartitionFold(int partitions, int windowCapacity = AppendWindow.DefaultCapacity)
{
    /// <summary>Gets the partition count of the topic.</summary>
    public int Partitions { get; } = partitions;

    /// <summary>Gets the next offset to fold.</summary>
    public long Position { get; private set; }

    /// <summary>Gets the last frame folded, by which a log that was changed meanwhile is recognised; <see langword="null"/> if there was none.</summary>
    public FoldedFrame? Last { get; private set; }

    /// <summary>Gets the versions.</summary>
    public VersionTable Versions { get; } = new();

    /// <summary>Gets the last accepted appends.</summary>
    public AppendWindow Window { get; } = new(windowCapacity);

    /// <summary>Folds the frame at an offset; offsets between that hold no frame (control records) are skipped.</summary>
    /// <param name="offset">The offset, at or after <see cref="Position"/>.</param>
    /// <param name="frame">The frame.</param>
    public Verdict Fold(long offset, in FrameHeader frame)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, Position);

        if (frame.Base > offset)
        {
            return Verdict.BaseBeyondOffset;
        }

        if (frame.Partitions != Partitions)
        {
            return Verdict.OtherPartitionCount;
        }

        Position = offset + 1;
        Last = new FoldedFrame(offset, frame);
        var verdict = Versions.Fold(frame);

        if (verdict == Verdict.Accepted)
        {
            Window.Add(new AcceptedAppend(frame.Stream, frame.AppendId, frame.LastVersion, offset));
        }

        return verdict;
    }

    /// <summary>Moves over offsets that hold no frame, up to the partition's end.</summary>
    public void SkipTo(long next) => Position = Math.Max(Position, next);

    /// <summary>Puts back what a checkpoint holds; versions and window are restored by themselves.</summary>
    public void Restore(long position, FoldedFrame? last) => (Position, Last) = (position, last);
}
