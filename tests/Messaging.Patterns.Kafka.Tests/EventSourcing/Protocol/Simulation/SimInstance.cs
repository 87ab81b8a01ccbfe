using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>One instance of the application: the state machine, and around it the shell that carries its effects to the simulated network.</summary>
internal sealed class SimInstance : IWriterEffects
{
    private readonly PartitionSimulation _simulation;
    private readonly List<SimAppend> _open = [];
    private readonly List<SimRead> _reads = [];
    private readonly PipeliningWriter? _pipelining;
    private long _tail;
    private long _lastFolded = -1;
    private bool _tailIsUp;

    public SimInstance(PartitionSimulation simulation, int number, PartitionFold fold)
    {
        (_simulation, Number, Fold) = (simulation, number, fold);
        Writer = new PartitionWriter(fold, this);
        _pipelining = simulation.Mutation == Mutation.SeveralInFlightPerStream ? new PipeliningWriter(this, simulation) : null;
        _tail = Writer.StartTail();
    }

    public int Number { get; }

    public PartitionFold Fold { get; }

    public PartitionWriter Writer { get; }

    public bool IsCrashed { get; private set; }

    public bool IsResting { get; private set; }

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
                Writer.Acknowledged(attempt, report);
                break;
        }

        AnswerReads();
    }

    public void Read(SimRead read)
    {
        if (read is { IsStrong: true, From: null })
        {
            _simulation.AskEnd(this, read);
        }
        else
        {
            _reads.Add(read);
            AnswerReads();
        }
    }

    public void EndKnown(object subject, long end)
    {
        if (subject is SimRead read)
        {
            read.From = end;
            _reads.Add(read);
            AnswerReads();
        }
        else
        {
            Writer.EndKnown((Append)subject, end);
        }
    }

    public void Rest()
    {
        // As a shell would: only while no acknowledgement is parked, and nobody waits.
        if (!Writer.HasParked)
        {
            Writer.RestTail();
            IsResting = true;
            _simulation.Count(Happening.TailRested);
        }
    }

    public void WakeTail()
    {
        if (IsResting)
        {
            IsResting = false;
            _tail = Writer.StartTail();
        }

        if (!_tailIsUp && !IsCrashed)
        {
            _tailIsUp = true;
            _simulation.ScheduleTail(this);
        }
    }

    /// <summary>Delivers the next record, or the end of the partition, after which the tail sleeps until there is more.</summary>
    public void Tail()
    {
        _tailIsUp = false;

        if (IsResting)
        {
            return;
        }

        var log = _simulation.Log;

        while (_tail < log.Count && log[(int)_tail].Frame is null)
        {
            _tail++;
        }

        if (_tail >= log.Count)
        {
            Writer.TailEnd(_tail);
        }
        else
        {
            Deliver(_tail++, log);
            WakeTail();
        }

        AnswerReads();
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
        if (offset <= _lastFolded)
        {
            _simulation.Violate(Invariant.ReadersAgree, $"instance {Number} told its store of offset {offset} after {_lastFolded}");
        }

        _lastFolded = offset;
    }

    void IWriterEffects.QueryEnd(Append append) => _simulation.AskEnd(this, append);

    void IWriterEffects.RetryLater(Append append)
    {
        WakeTail();
        _simulation.ScheduleResend(this, append);
    }

    void IWriterEffects.Yield(StreamYield yield)
    {
        _simulation.Count(Happening.Yielded);
        _simulation.Schedule(1 + (long)yield.Pause.TotalMilliseconds, new SimEvent(SimEventKind.YieldOver, this, yield));
    }

    void IWriterEffects.Stop(ProtocolFault fault) => _simulation.Violate(Invariant.NoSpuriousStop, $"instance {Number} stopped: {fault.Text}");

    void IWriterEffects.Complete(Append append, in AppendDecision decision) => Complete((SimAppend)append, decision);

    public void Complete(SimAppend append, in AppendDecision decision)
    {
        _open.Remove(append);

        if (append.IsResolution)
        {
            _simulation.Resolved(append, decision);
        }
        else if (_simulation.Mutation == Mutation.TimeoutIsFailure && decision.Kind == DecisionKind.Unknown)
        {
            _simulation.Answer(append.Call, AppendDecision.NotWritten(null, isFinal: false));
        }
        else if (_simulation.Mutation != Mutation.AcknowledgementIsSuccess || append.Call.Answer is null)
        {
            _simulation.Answer(append.Call, decision);
        }
    }

    private void Deliver(long offset, List<SimRecord> log)
    {
        var frame = log[(int)offset].Frame!.Value;

        // As a shell would compare the bytes.
        if (Writer.ExpectedAt(offset) is { } expected && expected == frame)
        {
            Writer.TailConfirms();
            return;
        }

        var verdict = Writer.TailRecord(offset, frame);
        _pipelining?.Seen(frame, offset, verdict);
    }

    private void TakeForSuccess(Attempt attempt, long offset)
    {
        var append = (SimAppend)attempt.Append;

        if (_simulation.Mutation == Mutation.AcknowledgementIsSuccess && !append.IsResolution && append.Call.Answer is null)
        {
            var header = attempt.Header;
            _simulation.Answer(append.Call, AppendDecision.Accepted(new AcceptedAppend(header.Stream, header.AppendId, header.LastVersion, offset)));
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

    private void AnswerReads()
    {
        for (var i = _reads.Count - 1; i >= 0; i--)
        {
            if (_reads[i].From <= Writer.Position)
            {
                _simulation.Answer(_reads[i], this);
                _reads.RemoveAt(i);
            }
        }

        if (IsResting && (_reads.Count > 0 || Writer.HasParked))
        {
            WakeTail();
        }
    }
}
