namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>What appends are answered, and who shares an answer.</summary>
/// <remarks>
/// An append that repeats a pending one (same stream and append id) joins it. Success is shared by all that joined; anything else (a caller who gives up, an
/// expectation of its own) ends only the one that led, and the next takes its place.
/// </remarks>
internal sealed class AppendAnswers(PartitionFold fold, IWriterEffects effects, StreamSlots slots)
{
    /// <summary>Answers what needs no frame: a repeat of an accepted append, and an expectation that the stream has left behind for ever.</summary>
    public bool TryAnswer(Append append, long version)
    {
        if (fold.Window.TryGet(append.Stream, append.Id, out var accepted))
        {
            Complete(append, AppendDecision.Accepted(accepted));
            return true;
        }

        if (append.Expected.Exact is { } exact && exact < version)
        {
            Complete(append, Lost(append, version));
            return true;
        }

        return false;
    }

    /// <summary>Returns the answer to an append whose time is up: definite if no copy may have been written, else unknown.</summary>
    public AppendDecision GivenUp(Append append, bool isCancelled) =>
        Doubt(append) ?? (isCancelled ? AppendDecision.Cancelled : AppendDecision.NotWritten(append.LastError, isFinal: false));

    /// <summary>Returns the answer to an append that waited up to the end of the log in vain.</summary>
    public AppendDecision WaitedInVain(Append append) =>
        fold.Window.TryGet(append.Stream, append.Id, out var accepted) ? AppendDecision.Accepted(accepted)
        : append.IsResolution ? Unknown(append)
        : AppendDecision.Conflict(fold.Versions[append.Stream]);

    /// <summary>Lets an append share the answer of a pending one.</summary>
    public static void Join(Append lead, Append append)
    {
        append.State = AppendState.Joined;
        append.Lead = lead;
        (lead.JoinedBy ??= new AppendList()).AddLast(append);
    }

    /// <summary>Answers an append that had joined another.</summary>
    public void Leave(Append append, in AppendDecision decision)
    {
        append.Lead!.JoinedBy!.Remove(append);
        append.Lead = null;
        Complete(append, decision);
    }

    /// <summary>Answers an append, which stands nowhere any more. Its heir, if it has one, stands at the head of the queue then.</summary>
    public void Complete(Append append, in AppendDecision decision)
    {
        append.State = AppendState.Done;
        effects.Complete(append, decision);

        if (append.JoinedBy is not { First: { } heir } joined)
        {
            return;
        }

        if (decision.Kind != DecisionKind.Accepted)
        {
            Inherit(append, heir, joined);
            return;
        }

        while (joined.TakeFirst() is { } other)
        {
            other.State = AppendState.Done;
            effects.Complete(other, decision);
        }
    }

    /// <summary>Answers all appends of a partition that stops as well as can be.</summary>
    public void Stop()
    {
        foreach (var slot in slots.All.Values)
        {
            if (slot.Current is { } current)
            {
                Stop(current);
            }

            StopAll(slot.Queue);
            StopAll(slot.Waiting);
        }
    }

    /// <summary>Answers an append of a partition that has stopped, and all that joined it.</summary>
    public void Stop(Append append)
    {
        if (append.JoinedBy is { } joined)
        {
            StopAll(joined);
        }

        var decision = Doubt(append) ?? AppendDecision.Stopped;
        append.State = AppendState.Done;
        effects.Complete(append, decision);
    }

    private void StopAll(AppendList appends)
    {
        while (appends.TakeFirst() is { } append)
        {
            Stop(append);
        }
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

        // What is in doubt about the id stays in doubt: the heir must not report "not written" while a copy of its predecessor, or of the one before, may land.
        var doubt = Math.Max(append.MayBeWrittenAt, append.Attempt is null ? 0 : append.FirstVersion);
        heir.MayBeWrittenAt = Math.Max(heir.MayBeWrittenAt, doubt);

        if (!heir.IsResolution)
        {
            (heir.FirstVersion, heir.Base) = (doubt == 0 ? append.FirstVersion : doubt, append.Base);
        }

        slots.QueueFirst(slots[append.Stream], heir);
    }

    /// <summary>The version is taken. A resolution must know by whom: not by itself, as far as the window reaches.</summary>
    private AppendDecision Lost(Append append, long version) =>
        append.IsResolution && append.Base < fold.Window.CoveredFrom
            ? AppendDecision.ReadLog(append.FirstVersion, append.Base)
            : AppendDecision.Conflict(version);

    /// <summary>Returns "unknown" if a copy of the append, or of the one that it joined, may have been written.</summary>
    private AppendDecision? Doubt(Append append) =>
        append.MayBeWritten ? Unknown(append)
        : append.Lead is { MayBeWritten: true } lead ? Unknown(lead)
        : null;

    // In flight, the version is still the one before: nothing below the fold's position can be the accepted frame.
    private AppendDecision Unknown(Append append) =>
        AppendDecision.Unknown(append.FirstVersion, append.State == AppendState.InFlight ? fold.Position : append.Base);
}
