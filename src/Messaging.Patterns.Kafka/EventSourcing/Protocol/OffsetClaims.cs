namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>What acknowledgements said about offsets that the tail has not reached: the log must hold those very frames there.</summary>
internal sealed class OffsetClaims
{
    // Acknowledged beyond the fold's position, lowest offset first.
    private readonly PriorityQueue<Attempt, long> _parked = new();

    // Folded from acknowledgements, in order: every offset between the tail's place and the fold's position is here, unless the tail rests.
    private readonly Queue<FoldedFrame> _folded = new();

    // The last frame folded before the tail (re)started: it starts there and must find it.
    private FoldedFrame? _anchor;

    /// <summary>Gets whether the tail rests: nothing is kept to compare then, except by the anchor of the next start.</summary>
    public bool IsResting { get; private set; }

    /// <summary>Gets whether the tail has yet to find the last frame folded before it started.</summary>
    public bool HasAnchor => _anchor is not null;

    /// <summary>Parks an acknowledgement until the fold's position reaches it.</summary>
    public void Park(Attempt attempt, long offset) => _parked.Enqueue(attempt, offset);

    /// <summary>Gets the parked acknowledgement with the lowest offset.</summary>
    public bool TryPeekParked(out Attempt? attempt, out long offset) => _parked.TryPeek(out attempt, out offset);

    /// <summary>Removes the parked acknowledgement with the lowest offset.</summary>
    public void Unpark() => _parked.Dequeue();

    /// <summary>Remembers a frame folded from its acknowledgement.</summary>
    public void Folded(in FoldedFrame frame)
    {
        if (!IsResting)
        {
            // The frame's header alone: the append with its bytes would stay in memory until the tail has come so far.
            _folded.Enqueue(frame);
        }
    }

    /// <summary>Forgets what was to be compared: the tail rests.</summary>
    public void Rest()
    {
        IsResting = true;
        _folded.Clear();
        _anchor = null;
    }

    /// <summary>Starts to compare again, from the last frame folded on.</summary>
    public void Start(FoldedFrame? last)
    {
        IsResting = false;
        _folded.Clear();
        _anchor = last;
    }

    /// <summary>Gets the frame that was acknowledged and folded at an offset which the tail must deliver next, if there is one.</summary>
    public FrameHeader? ExpectedAt(long offset) =>
        _anchor is null && _folded.TryPeek(out var next) && next.Offset == offset ? next.Header : null;

    /// <summary>Ticks off the frame that <see cref="ExpectedAt"/> returned.</summary>
    public void Confirm() => _folded.Dequeue();

    /// <summary>Returns the fault if the tail moves on to an offset and frames that must lie before it were not delivered.</summary>
    public ProtocolFault? FindMissingBefore(long offset)
    {
        if (_anchor is { } anchor && anchor.Offset < offset)
        {
            return ProtocolFault.Missing(anchor.Offset, anchor.Header);
        }

        if (_folded.TryPeek(out var folded) && folded.Offset < offset)
        {
            return ProtocolFault.Missing(folded.Offset, folded.Header);
        }

        return _parked.TryPeek(out var parked, out var parkedOffset) && parkedOffset < offset
            ? ProtocolFault.Missing(parkedOffset, parked.Header)
            : null;
    }

    /// <summary>Compares the frame at an offset that is folded already.</summary>
    public ProtocolFault? Compare(long offset, in FrameHeader found)
    {
        if (_anchor is { } anchor && anchor.Offset == offset)
        {
            _anchor = null;
            return anchor.Header == found ? null : ProtocolFault.Replaced(offset, anchor.Header, found);
        }

        // An earlier offset is one that the tail delivered before and delivers again.
        if (_folded.TryPeek(out var folded) && folded.Offset == offset)
        {
            _folded.Dequeue();
            return folded.Header == found ? null : ProtocolFault.Replaced(offset, folded.Header, found);
        }

        return null;
    }
}
