using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>The writer of one partition: appends go in, frames go out, and the log itself, as the fold reads it, decides.</summary>
/// <remarks>
/// <para>
/// A pure state machine: no clock, no lock, no I/O. The shell calls one input at a time and carries out the <see cref="IWriterEffects"/>.
/// </para>
/// <para>
/// Success is reported only when the fold accepted, at (stream, version), a frame with our append id. The fold gets to know a frame in one of two ways: the
/// tail delivers it, or its acknowledgement says that it lies exactly at the next offset, so that nobody can have come between. An acknowledgement further
/// ahead is parked until the fold reaches it. Whatever was taken from an acknowledgement must be found again by the tail; a log that says otherwise has lost
/// or changed records, and the writer stops. Of what was acknowledged while the tail rested, the newest frames are found again: the tail starts anew at the
/// oldest of those that were kept.
/// </para>
/// </remarks>
internal sealed class PartitionWriter
{
    private readonly PartitionFold _fold;
    private readonly IWriterEffects _effects;
    private readonly StreamQueues _queues;
    private readonly OffsetClaims _claims;

    // The barrier under way, and where the tail saw it before its acknowledgement.
    private readonly List<long> _barrierSeen = [];
    private AppendId _barrier;

    public PartitionWriter(PartitionFold fold, IWriterEffects effects, int keptWhileResting = OffsetClaims.Kept)
    {
        _fold = fold;
        _effects = effects;
        _queues = new StreamQueues(fold, effects);
        _claims = new OffsetClaims(keptWhileResting);
        _claims.Start(fold.Last);
    }

    /// <summary>Gets the next offset to fold: reads see everything before it.</summary>
    public long Position => _fold.Position;

    /// <summary>Gets why the writer stopped; <see langword="null"/> while it works.</summary>
    public ProtocolFault? Fault { get; private set; }

    /// <summary>Gets whether an acknowledgement waits for the tail, so that it must not rest.</summary>
    public bool HasParked => _claims.TryPeekParked(out _, out _);

    /// <summary>Gets whether the tail has found what was folded before it started: until then the log may be another one.</summary>
    public bool IsConfirmed => _claims.IsConfirmed;

    /// <summary>Gets the offset at which a tail begins now: that of the last frame folded, or of an earlier one, so that a log which changed meanwhile is noticed.</summary>
    public long TailStart => _claims.First ?? _fold.Last?.Offset ?? _fold.Position;

    /// <summary>Gets how many frames in a row, the last one folded among them, were this writer's own since the tail started.</summary>
    public int OwnInRow { get; private set; }

    /// <summary>(Re)starts the tail after a rest, or after it was lost.</summary>
    /// <returns>The offset to deliver first (<see cref="TailStart"/>); an earlier one does no harm.</returns>
    public long StartTail()
    {
        OwnInRow = 0;
        _claims.Start(_fold.Last);
        return TailStart;
    }

    /// <summary>Lets the tail rest: nothing is delivered until <see cref="StartTail"/>. For as long as acknowledgements are contiguous.</summary>
    public void RestTail() => _claims.Rest();

    /// <summary>Takes an append, or the resolution of a pending one. It is completed exactly once, at the latest when its deadline is reported.</summary>
    public void Submit(Append append)
    {
        if (Fault is not null)
        {
            _queues.Refuse(append);
            return;
        }

        _queues.Submit(append);
    }

    /// <summary>The log holds a copy at an offset.</summary>
    public void Acknowledged(Attempt attempt, long offset)
    {
        if (IsLate(attempt))
        {
            return;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        _queues.Acknowledged(attempt);
        TakeOwn(new ParkedFrame(attempt.Header, attempt), offset, attempt.WasSeenAt(offset));
    }

    /// <summary>It is not known whether a copy was written: a time-out, an acknowledgement without offset, any error that does not exclude it.</summary>
    public void Uncertain(Attempt attempt)
    {
        if (!IsLate(attempt))
        {
            _queues.Uncertain(attempt);
        }
    }

    /// <summary>A copy was surely not written.</summary>
    /// <param name="attempt">The copy.</param>
    /// <param name="error">Why.</param>
    /// <param name="isFinal">Whether the same frame would fail again, as one that is too large.</param>
    public void NotPersisted(Attempt attempt, Exception? error, bool isFinal)
    {
        if (!IsLate(attempt))
        {
            _queues.NotPersisted(attempt, error, isFinal);
        }
    }

    /// <summary>Begins a barrier of this process, one at a time, and returns its frame, to be sent until its offset is known.</summary>
    public FrameHeader BeginBarrier(StreamKey stream, AppendId id)
    {
        _barrierSeen.Clear();
        return new FrameHeader(stream, _barrier = id, 0, 0, Position, _fold.Partitions);
    }

    /// <summary>The log holds a barrier of this process at an offset, which is taken like the acknowledgement of an append.</summary>
    public void BarrierAcknowledged(long offset, in FrameHeader barrier)
    {
        if (Fault is null && barrier.Base > offset)
        {
            Stop(ProtocolFault.Of(Verdict.BaseBeyondOffset, offset, barrier));
        }
        else if (Fault is null)
        {
            TakeOwn(new ParkedFrame(barrier, null), offset, _barrierSeen.Contains(offset));
        }
    }

    /// <summary>The pause asked for by <see cref="IWriterEffects.RetryLater"/> is over.</summary>
    public void Resend(Append append) => _queues.Resend(append);

    /// <summary>The pause asked for by <see cref="IWriterEffects.Yield"/> is over.</summary>
    public void YieldOver(StreamYield yield) => _queues.YieldOver(yield);

    /// <summary>The producer was thrown away: copies without a report are uncertain, and late reports are ignored.</summary>
    public void ProducerReplaced() => _queues.ProducerReplaced();

    /// <summary>The broker's answer to <see cref="IWriterEffects.QueryEnd"/>.</summary>
    public void EndKnown(Append append, long end) => _queues.EndKnown(append, end);

    /// <summary>The append's time is up.</summary>
    public void Deadline(Append append) => _queues.GiveUp(append, isCancelled: false);

    /// <summary>The append's caller gives up.</summary>
    public void Cancel(Append append) => _queues.GiveUp(append, isCancelled: true);

    /// <summary>The tail delivers a frame.</summary>
    /// <returns>The verdict on it; <see langword="null"/> if it was folded before, or the writer has stopped.</returns>
    public Verdict? TailRecord(long offset, in FrameHeader frame)
    {
        if (Fault is null && (_claims.FindMissingBefore(offset) ?? Compare(offset, frame)) is { } fault)
        {
            Stop(fault);
        }

        if (Fault is not null || offset < Position)
        {
            return null;
        }

        var verdict = _fold.Fold(offset, frame);

        if (verdict <= Verdict.Gap)
        {
            _effects.Folded(offset, frame, verdict == Verdict.Accepted, own: null);
        }

        var isOwn = verdict <= Verdict.Gap && _queues.Seen(frame, offset, verdict);

        if (verdict > Verdict.Gap || (isOwn && verdict == Verdict.Gap))
        {
            Stop(ProtocolFault.Of(verdict, offset, frame));
            return null;
        }

        if (verdict == Verdict.Barrier && frame.AppendId == _barrier)
        {
            // Counts as an own one: its reader must not keep the tail from resting.
            isOwn = true;
            _barrierSeen.Add(offset);
        }

        OwnInRow = isOwn ? OwnInRow + 1 : 0;
        _claims.Reached(offset + 1);
        PositionMoved();
        return verdict;
    }

    /// <summary>Returns the frame that the tail must deliver at an offset, if it was folded from its acknowledgement: when it is there, <see cref="TailConfirms"/> spares the parsing.</summary>
    public FrameHeader? ExpectedAt(long offset) => _claims.ExpectedAt(offset);

    /// <summary>The tail delivered the frame that <see cref="ExpectedAt"/> returned.</summary>
    public void TailConfirms() => _claims.Confirm();

    /// <summary>The tail has delivered everything before an offset, at which the partition ends for now.</summary>
    public void TailEnd(long next)
    {
        if (Fault is not null)
        {
            return;
        }

        if (_claims.FindMissingBefore(next) is { } fault)
        {
            Stop(fault);
            return;
        }

        _fold.SkipTo(next);
        _claims.Reached(next);
        PositionMoved();
    }

    /// <summary>Stops for good, also on the shell's behalf: an unreadable record, a log that was truncated, more partitions.</summary>
    public void Stop(ProtocolFault fault)
    {
        if (Fault is null)
        {
            // Told before the appends are answered, so that whoever hears "stopped" can ask why.
            Fault = fault;
            _effects.Stop(fault);
            _queues.Stop();
        }
    }

    // A producer reports a copy once; what comes after it was replaced, or after a stop, changes nothing.
    private bool IsLate(Attempt attempt) => Fault is not null || attempt.State != AttemptState.Sent;

    private void TakeOwn(in ParkedFrame own, long offset, bool wasSeen)
    {
        if (offset > Position)
        {
            _claims.Park(own, offset);
        }
        else if (offset == Position)
        {
            FoldOwn(own, offset);
            PositionMoved();
        }
        else if (!wasSeen)
        {
            // The fold has passed the offset, by the tail or by another acknowledgement, and found something else there. Had it been this
            // frame, it would have been decided then.
            Stop(ProtocolFault.Missing(offset, own.Header));
        }
    }

    private void FoldOwn(in ParkedFrame own, long offset)
    {
        var frame = own.Header;
        var verdict = _fold.Fold(offset, frame);

        if (verdict >= Verdict.Gap)
        {
            Stop(ProtocolFault.Of(verdict, offset, frame));
            return;
        }

        OwnInRow++;
        _claims.Folded(new FoldedFrame(offset, frame));
        _effects.Folded(offset, frame, verdict == Verdict.Accepted, own.Attempt);

        // A rejected frame needs nothing: its version was decided when the fold passed it.
        if (verdict == Verdict.Accepted)
        {
            _queues.Accepted(frame, offset);
        }
    }

    /// <summary>Folds parked acknowledgements that are next now, then tells those who wait for a position.</summary>
    private void PositionMoved()
    {
        while (Fault is null && _claims.TryPeekParked(out var own, out var offset) && offset <= Position)
        {
            _claims.Unpark();

            if (offset == Position)
            {
                FoldOwn(own, offset);
            }
            else
            {
                Stop(ProtocolFault.ClaimedTwice(offset, own.Header));
            }
        }

        if (Fault is null)
        {
            _queues.PositionMoved();
        }
    }

    private ProtocolFault? Compare(long offset, in FrameHeader found)
    {
        if (offset < Position)
        {
            return _claims.Compare(offset, found);
        }

        if (!_claims.TryPeekParked(out var parked, out var parkedOffset) || parkedOffset != offset)
        {
            return null;
        }

        _claims.Unpark();
        return parked.Header == found ? null : ProtocolFault.Replaced(offset, parked.Header, found);
    }
}
