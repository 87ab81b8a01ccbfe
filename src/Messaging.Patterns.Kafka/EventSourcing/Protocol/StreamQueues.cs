using System.Runtime.InteropServices;
using Messaging.Patterns.EventSourcing;

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
internal sealed class StreamQueues(PartitionFold fold, IWriterEffects effects)
{
    private readonly Dictionary<StreamKey, StreamSlot> _slots = [];
    private readonly Stack<StreamSlot> _unused = new();

    // Appends in a queue or waiting, so that a repeat finds them at once.
    private readonly Dictionary<AppendKey, Append> _lined = [];

    // Waiting appends by the end of the log that decides whether to wait on. Those that were met earlier are skipped when they come up.
    private readonly PriorityQueue<Append, long> _ends = new();

    public void Submit(Append append)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_slots, append.Stream, out var exists);
        slot ??= _unused.TryPop(out var unused) ? unused : new StreamSlot();
        SubmitTo(slot, append, exists);
    }

    /// <summary>The fold accepted or ignored a frame that the tail delivered. Returns whether the frame is a copy that is out.</summary>
    public bool Seen(in FrameHeader frame, long offset, Verdict verdict)
    {
        if (!_slots.TryGetValue(frame.Stream, out var slot))
        {
            return false;
        }

        var isOurs = slot.MarkSeen(frame, offset);

        if (verdict == Verdict.Accepted)
        {
            VersionMoved(slot, frame, offset);
        }

        return isOurs;
    }

    /// <summary>The fold accepted a frame at its acknowledgement.</summary>
    public void Accepted(in FrameHeader frame, long offset)
    {
        if (_slots.TryGetValue(frame.Stream, out var slot))
        {
            VersionMoved(slot, frame, offset);
        }
    }

    /// <summary>A copy is in the log at a known offset: it is not out any more, but undecided until the fold reaches it.</summary>
    public void Acknowledged(Attempt attempt)
    {
        attempt.State = AttemptState.Acknowledged;
        Forget(attempt);
    }

    /// <summary>The outcome of a copy is unknown: from now on only the fold settles its version.</summary>
    public void Uncertain(Attempt attempt)
    {
        attempt.State = AttemptState.Uncertain;
        Forget(attempt);
        MakeUncertain(attempt);
    }

    /// <summary>A copy was not written. That settles the append only if no other copy may have been.</summary>
    public void NotPersisted(Attempt attempt, Exception? error, bool isFinal)
    {
        attempt.State = AttemptState.NotPersisted;
        Forget(attempt);
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
            effects.RetryLater(append);
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

    /// <summary>Every copy that is out becomes uncertain; its report will never come, or is ignored.</summary>
    public void ProducerReplaced()
    {
        foreach (var (stream, slot) in _slots)
        {
            for (var attempt = slot.TakeOutstanding(); attempt is not null; attempt = attempt.Next)
            {
                attempt.State = AttemptState.Uncertain;
                MakeUncertain(attempt);
            }

            // Removing while enumerating is allowed for a dictionary.
            CloseIfIdle(stream, slot);
        }
    }

    /// <summary>An end of the log that was asked for after the append began to wait: what it waits for lies before it or does not exist.</summary>
    public void EndKnown(Append append, long end)
    {
        if (append.State != AppendState.Waiting)
        {
            return;
        }

        if (fold.Position >= end)
        {
            GiveUpWaiting(append);
        }
        else
        {
            _ends.Enqueue(append, end);
        }
    }

    /// <summary>The fold's position moved: appends that waited for the log's end in vain give up.</summary>
    public void PositionMoved()
    {
        while (_ends.TryPeek(out var append, out var end) && end <= fold.Position)
        {
            _ends.Dequeue();

            if (append.State == AppendState.Waiting)
            {
                GiveUpWaiting(append);
            }
        }
    }

    /// <summary>The append's time is up, or its caller gives up: definite if no copy may have been written, else unknown.</summary>
    public void GiveUp(Append append, bool isCancelled)
    {
        if (append.State is AppendState.New or AppendState.Done)
        {
            return;
        }

        End(append, Doubt(append) ?? (isCancelled ? AppendDecision.Cancelled : AppendDecision.NotWritten(append.LastError, isFinal: false)));
    }

    /// <summary>The partition stops: every append is answered as well as can be.</summary>
    public void Stop()
    {
        foreach (var slot in _slots.Values)
        {
            StopOne(slot.Current);
            StopAll(slot.Queue);
            StopAll(slot.Waiting);
        }

        _slots.Clear();
        _lined.Clear();
        _ends.Clear();
    }

    private void SubmitTo(StreamSlot slot, Append append, bool exists)
    {
        if (exists && FindPending(slot, append.Key) is { } lead)
        {
            Join(lead, append);
        }
        else if (slot.Current is null && slot.Queue.IsEmpty)
        {
            Begin(slot, append);
            CloseIfIdle(append.Stream, slot);
        }
        else if (!TryAnswer(append))
        {
            Line(slot.Queue, append, AppendState.Queued);
        }
    }

    /// <summary>Answers what needs no frame: a repeat of an accepted append, and an expectation that the stream has left behind for ever.</summary>
    private bool TryAnswer(Append append)
    {
        if (fold.Window.TryGet(append.Stream, append.Id, out var accepted))
        {
            Complete(append, AppendDecision.Accepted(accepted));
            return true;
        }

        var version = fold.Versions[append.Stream];

        if (append.Expected.Exact is { } exact && exact < version)
        {
            Complete(append, Lost(append, version));
            return true;
        }

        return false;
    }

    /// <summary>Makes an append the one in flight, unless it is answered already or has to wait for the tail.</summary>
    private void Begin(StreamSlot slot, Append append)
    {
        if (TryAnswer(append))
        {
            return;
        }

        var version = fold.Versions[append.Stream];

        if (!append.Expected.IsMetBy(version) || !append.HasFrame)
        {
            Line(slot.Waiting, append, AppendState.Waiting);
            effects.QueryEnd(append);
            return;
        }

        append.FirstVersion = version + 1;
        append.MayBeWrittenAt = append.MayBeWrittenAt == append.FirstVersion ? append.FirstVersion : 0;
        append.State = AppendState.InFlight;
        slot.Current = append;
        Send(slot, append);
    }

    private void Send(StreamSlot slot, Append append)
    {
        // The version is still the one before: base may rise, which spares readers a longer look back.
        append.Base = fold.Position;
        append.Attempt = new Attempt(append, fold.Partitions);
        slot.Add(append.Attempt);
        effects.Produce(append.Attempt);
    }

    /// <summary>The fold accepted a frame of the stream, which decides the version in flight.</summary>
    private void VersionMoved(StreamSlot slot, in FrameHeader frame, long offset)
    {
        if (slot.Current is { } current)
        {
            slot.Current = null;
            current.Attempt = null;
            current.MayBeWrittenAt = 0;

            if (current.Id == frame.AppendId)
            {
                Complete(current, AppendDecision.Accepted(new AcceptedAppend(frame.Stream, frame.AppendId, frame.LastVersion, offset)));
            }
            else
            {
                // Lost for ever. Back to the head of the line: it chooses a new version if its expectation allows.
                Line(slot.Queue, current, AppendState.Queued, first: true);
            }
        }

        WakeWaiting(slot, frame.LastVersion);
        Advance(frame.Stream, slot);
    }

    /// <summary>Moves waiting appends that the new version decides to the head of the line: an exact expectation holds only now.</summary>
    private static void WakeWaiting(StreamSlot slot, long version)
    {
        for (var append = slot.Waiting.First; append is not null;)
        {
            var next = append.Next;

            if (append.Expected.Exact is not { } exact || exact < version || (exact == version && append.HasFrame))
            {
                slot.Waiting.Remove(append);
                slot.Queue.AddFirst(append);
                append.State = AppendState.Queued;
            }

            append = next;
        }
    }

    private void Advance(StreamKey stream, StreamSlot slot)
    {
        while (slot.Current is null && slot.Queue.TakeFirst() is { } next)
        {
            _lined.Remove(next.Key);
            Begin(slot, next);
        }

        CloseIfIdle(stream, slot);
    }

    private void GiveUpWaiting(Append append) => End(
        append,
        fold.Window.TryGet(append.Stream, append.Id, out var accepted) ? AppendDecision.Accepted(accepted)
        : append.IsResolution ? Unknown(append)
        : AppendDecision.Conflict(fold.Versions[append.Stream]));

    /// <summary>Answers an append that did not succeed, wherever it is, and lets the stream go on.</summary>
    private void End(Append append, in AppendDecision decision)
    {
        if (append.Lead is { } lead)
        {
            lead.JoinedBy!.Remove(append);
            append.Lead = null;
            Complete(append, decision);
            return;
        }

        var slot = _slots[append.Stream];

        switch (append.State)
        {
            case AppendState.Queued:
                slot.Queue.Remove(append);
                _lined.Remove(append.Key);
                break;
            case AppendState.Waiting:
                slot.Waiting.Remove(append);
                _lined.Remove(append.Key);
                break;
            default:
                slot.Current = null;
                break;
        }

        Complete(append, decision);
        Advance(append.Stream, slot);
    }

    /// <summary>Answers an append. Success is shared with all that joined it; anything else ends only this one, and the next takes its place.</summary>
    private void Complete(Append append, in AppendDecision decision)
    {
        append.State = AppendState.Done;
        effects.Complete(append, decision);

        if (append.JoinedBy is not { First: { } heir } joined)
        {
            return;
        }

        if (decision.Kind == DecisionKind.Accepted)
        {
            while (joined.TakeFirst() is { } other)
            {
                other.State = AppendState.Done;
                effects.Complete(other, decision);
            }

            return;
        }

        Inherit(append, heir, joined);
    }

    private void Inherit(Append append, Append heir, AppendList joined)
    {
        joined.Remove(heir);
        heir.JoinedBy = joined;
        heir.Lead = null;

        for (var other = joined.First; other is not null; other = other.Next)
        {
            other.Lead = heir;
        }

        // What is in doubt about the id stays in doubt: the heir must not report "not written" while a copy of its predecessor may land.
        heir.MayBeWrittenAt = Math.Max(heir.MayBeWrittenAt, append.MayBeWritten ? append.FirstVersion : 0);

        if (!heir.IsResolution)
        {
            (heir.FirstVersion, heir.Base) = (append.FirstVersion, append.Base);
        }

        Line(_slots[append.Stream].Queue, heir, AppendState.Queued, first: true);
    }

    private Append? FindPending(StreamSlot slot, AppendKey key) =>
        slot.Current?.Id == key.Id ? slot.Current : _lined.GetValueOrDefault(key);

    private static void Join(Append lead, Append append)
    {
        append.State = AppendState.Joined;
        append.Lead = lead;
        (lead.JoinedBy ??= new AppendList()).AddLast(append);
    }

    private void Line(AppendList line, Append append, AppendState state, bool first = false)
    {
        append.State = state;
        _lined[append.Key] = append;

        if (first)
        {
            line.AddFirst(append);
        }
        else
        {
            line.AddLast(append);
        }
    }

    /// <summary>The version a resolution asks about is taken, and not by it as far as the window reaches.</summary>
    private AppendDecision Lost(Append append, long version) =>
        append.IsResolution && append.Base < fold.Window.CoveredFrom
            ? AppendDecision.ReadLog(append.FirstVersion, append.Base)
            : AppendDecision.Conflict(version);

    /// <summary>Returns "unknown" if a copy of the append, or of the one that it joined, may have been written.</summary>
    private AppendDecision? Doubt(Append append) =>
        append.MayBeWritten ? Unknown(append)
        : append.Lead is { MayBeWritten: true } lead ? Unknown(lead)
        : null;

    private AppendDecision Unknown(Append append) =>
        AppendDecision.Unknown(append.FirstVersion, append.State == AppendState.InFlight ? fold.Position : append.Base);

    private void MakeUncertain(Attempt attempt)
    {
        if (IsUndecided(attempt))
        {
            attempt.Append.Attempt = null;
            attempt.Append.MayBeWrittenAt = attempt.FirstVersion;
            effects.RetryLater(attempt.Append);
        }
    }

    private static bool IsUndecided(Attempt attempt) => attempt.Append.Attempt == attempt && attempt.Append.State == AppendState.InFlight;

    private void Forget(Attempt attempt)
    {
        if (_slots.TryGetValue(attempt.Append.Stream, out var slot))
        {
            slot.Remove(attempt);
            CloseIfIdle(attempt.Append.Stream, slot);
        }
    }

    private void CloseIfIdle(StreamKey stream, StreamSlot slot)
    {
        if (slot.IsIdle && _slots.Remove(stream))
        {
            _unused.Push(slot);
        }
    }

    private void StopAll(AppendList appends)
    {
        while (appends.TakeFirst() is { } append)
        {
            StopOne(append);
        }
    }

    private void StopOne(Append? append)
    {
        if (append is null)
        {
            return;
        }

        while (append.JoinedBy?.TakeFirst() is { } other)
        {
            StopOne(other);
        }

        var decision = Doubt(append) ?? AppendDecision.Stopped;
        append.State = AppendState.Done;
        effects.Complete(append, decision);
    }
}
