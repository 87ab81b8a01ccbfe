using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>One instance of the application: the state machine, and around it the shell that carries its effects to the simulated network.</summary>
internal sealed class SimInstance : IWriterEffects
{
    private readonly PartitionSimulation _simulation;
    private readonly List<SimAppend> _open = [];
    private readonly List<FoldedFrame> _folded;
    private readonly List<long> _acknowledged = [];
    private readonly HashSet<long> _told = [];
    private readonly PipeliningWriter? _pipelining;
    private long _delivering = -1;

    public SimInstance(PartitionSimulation simulation, int number, PartitionFold fold, SimCheckpoint from, SimRandom random, SimProfile profile)
    {
        (_simulation, Number, Fold, _folded) = (simulation, number, fold, [.. from.Folded]);
        Writer = new PartitionWriter(fold, this, profile.KeptWhileResting);
        Reads = new SimReads(this, simulation);
        Follower = new SimTail(this, simulation, random, profile);
        _pipelining = simulation.Mutation == Mutation.SeveralInFlightPerStream ? new PipeliningWriter(this, simulation) : null;
        Follower.Start();
    }

    public int Number { get; }

    public PartitionFold Fold { get; }

    public PartitionWriter Writer { get; }

    public SimReads Reads { get; }

    public SimTail Follower { get; }

    /// <summary>Gets the frames that it has folded, before its checkpoint included: what a store would hold.</summary>
    public IReadOnlyList<FoldedFrame> Folded => _folded;

    /// <summary>Gets the offsets that it folded because an acknowledgement told of them, and not the tail.</summary>
    public IReadOnlyList<long> FoldedFromAcknowledgements => _acknowledged;

    /// <summary>Gets the offset after the last that it has folded or that an acknowledgement told of.</summary>
    public long FurthestKnown => Math.Max(Writer.Position, _told.Count > 0 ? _told.Max() + 1 : 0);

    public bool IsCrashed { get; private set; }

    /// <summary>Gets whether it has crashed or stopped for good.</summary>
    public bool IsGone => IsCrashed || Writer.Fault is not null;

    /// <summary>Gets whether an acknowledgement told it of a record that is lost.</summary>
    public bool WasToldOfLost { get; private set; }

    /// <summary>Returns the first offset at which it has folded something else than the log holds; <see langword="null"/> if there is none.</summary>
    public long? FirstDifference() => DifferencesTo(_folded, Fold.Position, _simulation.Log).Cast<long?>().FirstOrDefault();

    /// <summary>Returns the offsets at which something else was folded than the log holds.</summary>
    public static IEnumerable<long> DifferencesTo(IReadOnlyList<FoldedFrame> folded, long position, SimLog log)
    {
        var next = 0;

        for (var offset = 0L; offset < position; offset++)
        {
            FrameHeader? here = next < folded.Count && folded[next].Offset == offset ? folded[next++].Header : null;

            if (offset >= log.Count || here != log[offset].Frame)
            {
                yield return offset;
            }
        }
    }

    /// <summary>The log has lost everything from an offset on.</summary>
    public void LogLost(long from)
    {
        WasToldOfLost |= _told.Any(offset => offset >= from);
        Follower.LogLost(from);
    }

    public void Submit(SimAppend append)
    {
        _open.Add(append);

        if (_pipelining is not null && !append.IsResolution)
        {
            _pipelining.Submit(append);
            return;
        }

        Writer.Submit(append);

        if (append.State == AppendState.Joined)
        {
            append.Call.Joined = append.IsResolution ? null : ((SimAppend)append.Lead!).Call;
            _simulation.Count(Happening.Joined);
        }
    }

    public void GiveUp(SimAppend append, bool isCancelled)
    {
        if (isCancelled)
        {
            Writer.Cancel(append);
        }
        else
        {
            Writer.Deadline(append);
        }
    }

    public void Report(Attempt attempt, long report)
    {
        switch (report)
        {
            case SimEvent.ReportsUncertain:
                Writer.Uncertain(attempt);
                break;
            case SimEvent.ReportsNotPersisted:
                Writer.NotPersisted(attempt, new TimeoutException(), isFinal: false);
                break;
            default:
                TakeForSuccess(attempt, report);
                CountAcknowledgement(attempt, report);
                _simulation.Note($"instance {Number} is told that offset {report} holds {attempt.Header.AppendId}");
                NoteTold(attempt.Header, report);
                Writer.Acknowledged(attempt, report);
                break;
        }

        Progressed();
    }

    public void Report(in FrameHeader barrier, long report)
    {
        NoteTold(barrier, report);
        Reads.BarrierReported(barrier, report);
        Progressed();
    }

    public void EndKnown(object subject, long end)
    {
        if (subject is SimRead read)
        {
            Reads.Wait(read, end);
            Progressed();
        }
        else
        {
            Writer.EndKnown((Append)subject, end);
        }
    }

    public void Tail()
    {
        Follower.Deliver();
        Progressed();
    }

    /// <summary>The tail delivers a frame.</summary>
    public void Deliver(long offset, in FrameHeader frame)
    {
        // As a shell would compare the bytes.
        if (Writer.ExpectedAt(offset) is { } expected && expected == frame)
        {
            Writer.TailConfirms();
            return;
        }

        _delivering = offset;
        var verdict = Writer.TailRecord(offset, frame);
        _delivering = -1;
        _pipelining?.Seen(frame, offset, verdict);
    }

    public void Crash()
    {
        IsCrashed = true;

        foreach (var append in _open)
        {
            append.Call.IsAbandoned |= !append.IsResolution && append.Call.Answer is null;
        }
    }

    void IWriterEffects.Produce(Attempt attempt) => _simulation.Network.Send(this, attempt);

    void IWriterEffects.Folded(long offset, in FrameHeader frame, bool isAccepted, Attempt? own)
    {
        // What a store would hold: every frame once, in the order of the log.
        if (_folded.Count > 0 && offset <= _folded[^1].Offset)
        {
            _simulation.Violate(Invariant.ReadersAgree, $"instance {Number} told its store of offset {offset} after {_folded[^1].Offset}");
        }

        _folded.Add(new FoldedFrame(offset, frame));

        if (offset != _delivering)
        {
            _acknowledged.Add(offset);
        }
    }

    void IWriterEffects.QueryEnd(Append append) => _simulation.AskEnd(this, append);

    void IWriterEffects.RetryLater(Append append)
    {
        _simulation.ScheduleWake(this);
        _simulation.ScheduleResend(this, append);
    }

    void IWriterEffects.Yield(StreamYield yield)
    {
        _simulation.Count(Happening.Yielded);
        _simulation.Schedule(1 + (long)yield.Pause.TotalMilliseconds, new SimEvent(SimEventKind.YieldOver, this, yield));
    }

    void IWriterEffects.Stop(ProtocolFault fault) => _simulation.Stopped(this, fault);

    void IWriterEffects.Complete(Append append, in AppendDecision decision) => Complete((SimAppend)append, decision);

    public void Complete(SimAppend append, in AppendDecision decision)
    {
        _open.Remove(append);

        if (append.IsResolution)
        {
            _simulation.Resolved(append, decision, this);
        }
        else if (_simulation.Mutation == Mutation.TimeoutIsFailure && decision.Kind == DecisionKind.Unknown)
        {
            _simulation.Answer(append.Call, AppendDecision.NotWritten(null, isFinal: false), this);
        }
        else if (_simulation.Mutation != Mutation.AcknowledgementIsSuccess || append.Call.Answer is null)
        {
            _simulation.Answer(append.Call, decision, this);
        }
    }

    private void TakeForSuccess(Attempt attempt, long offset)
    {
        var append = (SimAppend)attempt.Append;

        if (_simulation.Mutation == Mutation.AcknowledgementIsSuccess && !append.IsResolution && append.Call.Answer is null)
        {
            var header = attempt.Header;
            _simulation.Answer(append.Call, AppendDecision.Accepted(new AcceptedAppend(header.Stream, header.AppendId, header.LastVersion, offset)), this);
        }
    }

    private void NoteTold(in FrameHeader frame, long offset)
    {
        if (offset >= 0)
        {
            // The same offset twice: one of the two copies is lost.
            WasToldOfLost |= !_told.Add(offset) || offset >= _simulation.Log.Count || _simulation.Log[offset].Frame != frame;
        }
    }

    private void CountAcknowledgement(Attempt attempt, long offset)
    {
        _simulation.Count(
            attempt.State != AttemptState.Sent ? Happening.AcknowledgedLate
            : offset == Writer.Position ? Happening.AcknowledgedAtPosition
            : offset < Writer.Position ? Happening.AcknowledgedBehind
            : Happening.AcknowledgedAhead);
    }

    private void Progressed()
    {
        Reads.Answer();

        if (Follower.IsResting && (!Reads.IsEmpty || Writer.HasParked))
        {
            Follower.Wake();
        }
    }
}
