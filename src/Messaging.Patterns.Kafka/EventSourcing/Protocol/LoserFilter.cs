namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>Tells accepted frames from losers for a reader that starts anywhere in a partition and so has no version table.</summary>
/// <remarks>
/// At a frame's base the stream was at the version before it. So the first frame with the same stream and first version at or after base is the one that
/// rule F accepts: <em>a frame at offset o is accepted iff no frame with the same (stream, first version) lies in [base, o)</em>. The filter remembers recent
/// frames; only when base lies before what they cover, which needs a writer that was slower than the window is long, the log is read back.
/// </remarks>
internal sealed class LoserFilter
{
    /// <summary>How many frames are remembered unless told otherwise.</summary>
    public const int DefaultCapacity = 10_000;

    private readonly int _capacity;
    private readonly Queue<(long Offset, StreamKey Stream, long FirstVersion)> _frames = new();
    private readonly Dictionary<(StreamKey Stream, long FirstVersion), long> _newest = [];
    private FoldedFrame? _pending;

    /// <summary>Starts a filter.</summary>
    /// <param name="start">The offset at which the reader starts. After a seek it takes a new filter.</param>
    /// <param name="capacity">How many frames are remembered.</param>
    public LoserFilter(long start, int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        (CoveredFrom, _capacity) = (start, capacity);
    }

    /// <summary>Gets the offset from which on every frame is remembered.</summary>
    public long CoveredFrom { get; private set; }

    /// <summary>Gets the look back that the last frame needs; <see langword="null"/> if it was judged.</summary>
    public FrameScan? Scan => _pending is { } frame
        ? new FrameScan(frame.Header.Base, CoveredFrom, frame.Header.Stream, frame.Header.FirstVersion)
        : null;

    /// <summary>Judges the next frame, in order of offsets.</summary>
    public FilterVerdict Judge(long offset, in FrameHeader frame)
    {
        ThrowIfPending();

        if (frame.Base > offset)
        {
            return FilterVerdict.BaseBeyondOffset;
        }

        if (frame.IsBarrier)
        {
            return FilterVerdict.Barrier;
        }

        if (_newest.TryGetValue((frame.Stream, frame.FirstVersion), out var earlier) && earlier >= frame.Base)
        {
            Remember(offset, frame);
            return FilterVerdict.Rejected;
        }

        if (frame.Base < CoveredFrom)
        {
            _pending = new FoldedFrame(offset, frame);
            return FilterVerdict.NeedsScan;
        }

        Remember(offset, frame);
        return FilterVerdict.Accepted;
    }

    /// <summary>Judges the frame that needed a look back.</summary>
    /// <param name="isFound">Whether the range of <see cref="Scan"/> holds a frame that <see cref="FrameScan.IsFoundIn"/> recognises.</param>
    public FilterVerdict Scanned(bool isFound)
    {
        var frame = _pending ?? throw new InvalidOperationException("No frame waits for a look back.");
        _pending = null;
        Remember(frame.Offset, frame.Header);
        return isFound ? FilterVerdict.Rejected : FilterVerdict.Accepted;
    }

    private void Remember(long offset, in FrameHeader frame)
    {
        if (_frames.Count == _capacity)
        {
            var oldest = _frames.Dequeue();
            CoveredFrom = oldest.Offset + 1;

            if (_newest[(oldest.Stream, oldest.FirstVersion)] == oldest.Offset)
            {
                _newest.Remove((oldest.Stream, oldest.FirstVersion));
            }
        }

        _frames.Enqueue((offset, frame.Stream, frame.FirstVersion));
        _newest[(frame.Stream, frame.FirstVersion)] = offset;
    }

    private void ThrowIfPending()
    {
        if (_pending is not null)
        {
            throw new InvalidOperationException("A frame still waits for a look back.");
        }
    }
}
