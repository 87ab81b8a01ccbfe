namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>What is claimed of offsets that the tail has not reached, by acknowledgements and by what was folded before it started: the log must hold those very frames there.</summary>
/// <param name="kept">How many frames are kept to be compared when the tail rests.</param>
internal sealed class OffsetClaims(int kept = OffsetClaims.Kept)
{
    /// <summary>How many of the newest frames are compared after a rest, unless told otherwise.</summary>
    public const int Kept = 256;

    // Acknowledged beyond the fold's position, lowest offset first.
    private readonly PriorityQueue<ParkedFrame, long> _parked = new();

    // Folded from acknowledgements, in order: every offset between the tail's place and the fold's position is here. While the tail rests, the newest ones.
    private readonly Queue<FoldedFrame> _folded = new();

    // The last frame folded before the tail started, if there is nothing in the line to begin with: it starts there and must find it.
    private FoldedFrame? _anchor;

    // The tail's place: what it delivers before this offset it has delivered already.
    private long _next;

    // What was folded before this offset is not kept any more, at least not all of it.
    private long _keptFrom;

    // Where the last frame lay that was folded when the tail started.
    private long _lastAtStart = -1;
    private bool _isResting;

    /// <summary>Gets whether the tail has found what was folded before it started.</summary>
    public bool IsConfirmed => _next > _lastAtStart;

    /// <summary>Gets the offset at which a tail must start now to compare all that is kept; <see langword="null"/> if that is nothing.</summary>
    public long? First => _anchor?.Offset ?? (_folded.TryPeek(out var first) ? first.Offset : null);

    /// <summary>Parks an acknowledgement until the fold's position reaches it.</summary>
    public void Park(in ParkedFrame frame, long offset) => _parked.Enqueue(frame, offset);

    /// <summary>Gets the parked acknowledgement with the lowest offset.</summary>
    public bool TryPeekParked(out ParkedFrame frame, out long offset) => _parked.TryPeek(out frame, out offset);

    /// <summary>Removes the parked acknowledgement with the lowest offset.</summary>
    public void Unpark() => _parked.Dequeue();

    /// <summary>Remembers a frame folded from its acknowledgement.</summary>
    public void Folded(in FoldedFrame frame)
    {
        // The frame's header alone: the append with its bytes would stay in memory until the tail has come so far.
        _folded.Enqueue(frame);

        if (_isResting && _folded.Count > kept)
        {
            _keptFrom = _folded.Dequeue().Offset + 1;
        }
    }

    /// <summary>The tail rests: only the newest frames are kept, to be compared when it starts again.</summary>
    public void Rest() => _isResting = true;

    /// <summary>Starts to compare again, from the first frame that is kept on, or from the last one folded.</summary>
    public void Start(FoldedFrame? last)
    {
        _isResting = false;
        _lastAtStart = last?.Offset ?? -1;

        if (First is null)
        {
            _anchor = last;
        }

        _next = First ?? _next;
    }

    /// <summary>Gets the frame that was acknowledged and folded at an offset which the tail must deliver next, if there is one.</summary>
    public FrameHeader? ExpectedAt(long offset) =>
        _anchor is null && _folded.TryPeek(out var next) && next.Offset == offset ? next.Header : null;

    /// <summary>Ticks off the frame that <see cref="ExpectedAt"/> returned.</summary>
    public void Confirm() => Reached(_folded.Dequeue().Offset + 1);

    /// <summary>The tail has delivered everything before an offset.</summary>
    public void Reached(long next) => _next = Math.Max(_next, next);

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
        // Delivered before, or before the place where the tail started.
        if (offset < _next)
        {
            return null;
        }

        Reached(offset + 1);

        if (_anchor is { } anchor && anchor.Offset == offset)
        {
            _anchor = null;
            return anchor.Header == found ? null : ProtocolFault.Replaced(offset, anchor.Header, found);
        }

        if (_folded.TryPeek(out var folded) && folded.Offset == offset)
        {
            _folded.Dequeue();
            return folded.Header == found ? null : ProtocolFault.Replaced(offset, folded.Header, found);
        }

        return offset < _keptFrom ? null : ProtocolFault.Unexpected(offset, found);
    }
}
