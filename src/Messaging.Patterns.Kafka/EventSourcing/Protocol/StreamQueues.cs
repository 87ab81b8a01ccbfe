namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>Which append of each stream is in flight, which wait, and what becomes of them as the fold moves on.</summary>
/// <remarks>
/// <para>
/// Why any rejection is final: a version is only ever chosen as "the folded version + 1", and a frame lands behind all that its writer had folded. So
/// wherever it lands, the stream is at the version before or beyond, and a frame whose version was taken can never be accepted by a later copy. Two frames
/// of one writer in flight for a stream at <em>different</em> versions would break this (the second may land first, ahead of its stream, be reported as a
/// conflict, and be accepted when a late copy lands); hence at most one in flight.
/// </para>
/// <para>
/// Why a slot may be released while the outcome of its frame is unknown: the fold has not passed its version v, so the next append chooses the same v, as a
/// second writer might. Whichever frame for v comes first in the log is accepted, all others are rejected for ever, and success is told by append id.
/// </para>
/// <para>
/// Why one append id is accepted only once, also when several writers repeat it: a copy at another version is sent only after the fold passed the earlier
/// one without accepting the id there, and the window is consulted at that moment.
/// </para>
/// </remarks>
internal sealed class StreamQueues
{
    private readonly PartitionFold _fold;
    private readonly IWriterEffects _effects;
    private readonly StreamSlots _slots = new();
    private readonly AppendAnswers _answers;
    private readonly Rivals _rivals = new();

    // Waiting appends by the end of the log that decides whether to wait on. Those that were met earlier are skipped when they come up.
    private readonly PriorityQueue<Append, long> _ends = new();

    public StreamQueues(PartitionFold fold, IWriterEffects effects)
    {
        (_fold, _effects) = (fold, effects);
        _answers = new AppendAnswers(fold, effects, _slots);
    }

    public void Submit(Append append)
    {
        var slot = _slots.Open(append.Stream, out var wasOpen);

        if (wasOpen && _slots.FindPending(slot, append.Key) is { } lead)
        {
            AppendAnswers.Join(lead, append);
        }
        else if (slot is { Current: null, Yield: null } && slot.Queue.IsEmpty)
        {
            Begin(slot, append);
            _slots.CloseIfIdle(append.Stream, slot);
        }
        else if (!_answers.TryAnswer(append, _fold.Versions[append.Stream]))
        {
            _slots.Queue(slot, append);
        }
    }

    /// <summary>The fold judged a frame that the tail delivered. Returns whether the frame is a copy that is out.</summary>
    public bool Seen(in FrameHeader frame, long offset, Verdict verdict)
    {
        var isOpen = _slots.TryFind(frame.Stream, out var slot);
        var isOurs = isOpen && slot!.MarkSeen(frame, offset);

        if (!isOurs)
        {
            Watch(offset, frame, verdict);
        }

        if (isOpen && verdict == Verdict.Accepted)
        {
            VersionMoved(slot!, frame, offset);
        }

        return isOurs;
    }

    /// <summary>The fold accepted a frame at its acknowledgement.</summary>
    public void Accepted(in FrameHeader frame, long offset)
    {
        if (_slots.TryFind(frame.Stream, out var slot))
        {
            VersionMoved(slot, frame, offset);
        }
    }

    /// <summary>A copy is in the log at a known offset: it is not out any more, but undecided until the fold reaches it.</summary>
    public void Acknowledged(Attempt attempt)
    {
        attempt.State = AttemptState.Acknowledged;
        _slots.Forget(attempt);
    }

    /// <summary>The outcome of a copy is unknown: from now on only the fold settles its version.</summary>
    public void Uncertain(Attempt attempt)
    {
        attempt.State = AttemptState.Uncertain;
        _slots.Forget(attempt);
        MakeUncertain(attempt);
    }

    /// <summary>A copy was not written. That settles the append only if no other copy may have been.</summary>
    public void NotPersisted(Attempt attempt, Exception? error, bool isFinal)
    {
        attempt.State = AttemptState.NotPersisted;
        _slots.Forget(attempt);
        var append = attempt.Append;

        if (!IsUndecided(attempt))
        {
            return;
        }

        append.Attempt = null;
        append.LastError = error;

        if (isFinal && !append.MayBeWritten)
        {
            End(append, AppendDecision.NotWritten(error, isFinal: true));
        }
        else
        {
            _effects.RetryLater(append);
        }
    }

    /// <summary>Sends the frame again, if the append still waits for that.</summary>
    public void Resend(Append append)
    {
        if (append.State == AppendState.InFlight && append.Attempt is null)
        {
            Send(_slots[append.Stream], append);
        }
    }

    /// <summary>The pause in which the stream was left to somebody else is over, if it is still the one.</summary>
    public void YieldOver(StreamYield yield)
    {
        if (_slots.TryFind(yield.Stream, out var slot) && slot.Yield == yield)
        {
            slot.Yield = null;
            Advance(yield.Stream, slot);
        }
    }

    /// <summary>Every copy that is out becomes uncertain; its report will never come, or is ignored.</summary>
    public void ProducerReplaced()
    {
        foreach (var (stream, slot) in _slots.All)
        {
            for (var attempt = slot.TakeOutstanding(); attempt is not null; attempt = attempt.Next)
            {
                attempt.State = AttemptState.Uncertain;
                MakeUncertain(attempt);
            }

            _slots.CloseIfIdle(stream, slot);
        }
    }

    /// <summary>An end of the log that was asked for after the append began to wait: what it waits for lies before it or does not exist.</summary>
    public void EndKnown(Append append, long end)
    {
        if (append.State != AppendState.Waiting)
        {
            return;
        }

        if (_fold.Position >= end)
        {
            End(append, _answers.WaitedInVain(append));
        }
        else
        {
            _ends.Enqueue(append, end);
        }
    }

    /// <summary>The fold's position moved: appends that waited for the log's end in vain give up.</summary>
    public void PositionMoved()
    {
        while (_ends.TryPeek(out var append, out var end) && end <= _fold.Position)
        {
            _ends.Dequeue();

            if (append.State == AppendState.Waiting)
            {
                End(append, _answers.WaitedInVain(append));
            }
        }
    }

    /// <summary>The append's time is up, or its caller gives up.</summary>
    public void GiveUp(Append append, bool isCancelled)
    {
        if (append.State is not (AppendState.New or AppendState.Done))
        {
            End(append, _answers.GivenUp(append, isCancelled));
        }
    }

    /// <summary>Answers an append that comes after the stop.</summary>
    public void Refuse(Append append) => _answers.Stop(append);

    /// <summary>The partition stops: every append is answered as well as can be.</summary>
    public void Stop()
    {
        _answers.Stop();
        _slots.Clear();
        _ends.Clear();
    }

    /// <summary>Makes an append the one in flight, unless it is answered already or has to wait for the tail.</summary>
    private void Begin(StreamSlot slot, Append append)
    {
        var version = _fold.Versions[append.Stream];

        if (_answers.TryAnswer(append, version))
        {
            return;
        }

        if (!append.Expected.IsMetBy(version) || !append.HasFrame)
        {
            _slots.Wait(slot, append);
            _effects.QueryEnd(append);
            return;
        }

        if (_rivals.Before(append) is { } yield)
        {
            // Letting others go first counts as a loss, so that nobody does it for ever.
            append.Losses++;
            _slots.QueueFirst(slot, append);
            slot.Yield = yield;
            _effects.Yield(yield);
            return;
        }

        append.FirstVersion = version + 1;
        append.MayBeWrittenAt = append.MayBeWrittenAt > version ? append.MayBeWrittenAt : 0;
        append.State = AppendState.InFlight;
        slot.Current = append;
        Send(slot, append);
    }

    private void Send(StreamSlot slot, Append append)
    {
        // The version is still the one before: base may rise, which spares readers a longer look back.
        append.Base = _fold.Position;
        append.Attempt = new Attempt(append, _fold.Partitions);
        slot.Add(append.Attempt);
        _effects.Produce(append.Attempt);
    }

    /// <summary>Keeps in mind what becomes of frames of others.</summary>
    private void Watch(long offset, in FrameHeader frame, Verdict verdict)
    {
        if (verdict == Verdict.Accepted)
        {
            _rivals.Won(frame);
        }
        else if (verdict == Verdict.Rejected && !_fold.Window.TryGet(frame.Stream, frame.AppendId, out _))
        {
            // Not a late copy of one that was accepted.
            _rivals.Lost(offset, frame);
        }
    }

    /// <summary>The fold accepted a frame of the stream, which decides the version in flight.</summary>
    private void VersionMoved(StreamSlot slot, in FrameHeader frame, long offset)
    {
        if (slot.Yield?.Rival == frame.AppendId)
        {
            slot.Yield = null;
        }

        if (slot.Current is { } current)
        {
            slot.Current = null;
            current.Attempt = null;
            current.MayBeWrittenAt = current.MayBeWrittenAt > frame.LastVersion ? current.MayBeWrittenAt : 0;

            if (current.Id == frame.AppendId)
            {
                _answers.Complete(current, AppendDecision.Accepted(new AcceptedAppend(frame.Stream, frame.AppendId, frame.LastVersion, offset)));
            }
            else
            {
                // Lost for ever, at this version. Back to the head of the queue: it chooses a new version if its expectation allows.
                current.Losses++;
                _slots.QueueFirst(slot, current);
            }
        }

        _slots.Wake(slot, frame.LastVersion);
        Advance(frame.Stream, slot);
    }

    private void Advance(StreamKey stream, StreamSlot slot)
    {
        while (slot is { Current: null, Yield: null } && _slots.TakeFirst(slot) is { } next)
        {
            Begin(slot, next);
        }

        _slots.CloseIfIdle(stream, slot);
    }

    /// <summary>Answers an append wherever it is, and lets the stream go on.</summary>
    private void End(Append append, in AppendDecision decision)
    {
        if (append.State == AppendState.Joined)
        {
            _answers.Leave(append, decision);
            return;
        }

        var slot = _slots[append.Stream];
        _slots.Remove(slot, append);
        _answers.Complete(append, decision);
        Advance(append.Stream, slot);
    }

    private void MakeUncertain(Attempt attempt)
    {
        if (IsUndecided(attempt))
        {
            attempt.Append.Attempt = null;
            attempt.Append.MayBeWrittenAt = Math.Max(attempt.Append.MayBeWrittenAt, attempt.FirstVersion);
            _effects.RetryLater(attempt.Append);
        }
    }

    private static bool IsUndecided(Attempt attempt) => attempt.Append.Attempt == attempt && attempt.Append.State == AppendState.InFlight;
}
