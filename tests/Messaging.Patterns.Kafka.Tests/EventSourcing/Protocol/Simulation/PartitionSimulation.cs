using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>One partition, a few instances that append to it and read from it, and a bad network between: one history per seed.</summary>
internal sealed class PartitionSimulation
{
    public const int Partitions = 3;

    private const int Calm = 1_000_000;
    private readonly SimRandom _random;
    private readonly SimProfile _profile;
    private readonly PriorityQueue<SimEvent, (long Time, long Order)> _events = new();
    private readonly List<SimInstance> _instances = [];
    private readonly long[] _sessions = new long[3];
    private readonly bool _isTraced;
    private long _time;
    private long _order;
    private int _unplanned;
    private bool _isCalm;

    private PartitionSimulation(long seed, Mutation mutation, bool isTraced)
    {
        (Mutation, _isTraced) = (mutation, isTraced);
        _random = new SimRandom(seed);
        _profile = SimProfile.Draw(_random);
    }

    public Mutation Mutation { get; }

    /// <summary>Gets the moment: every event has its own.</summary>
    public long Now { get; private set; }

    public List<SimRecord> Log { get; } = [];

    public List<SimCall> Calls { get; } = [];

    public List<SimRead> Reads { get; } = [];

    public List<PartitionFold> Checkpoints { get; } = [];

    public IReadOnlyList<SimInstance> Instances => _instances;

    public List<Violation> Violations { get; } = [];

    public List<string> Trace { get; } = [];

    /// <summary>Gets how often things happened, to show that the histories reach them.</summary>
    public Dictionary<Happening, int> Happenings { get; } = [];

    /// <summary>Plays the history of a seed and checks it.</summary>
    public static PartitionSimulation Run(long seed, Mutation mutation = Mutation.None, bool isTraced = false)
    {
        var simulation = new PartitionSimulation(seed, mutation, isTraced);

        try
        {
            simulation.Play();
            HistoryChecker.Check(simulation, simulation._random);
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"The history of seed {seed} failed.\n{string.Join('\n', simulation.Trace)}", fault);
        }

        return simulation;
    }

    public void Violate(Invariant invariant, string text) => Violations.Add(new Violation(invariant, text));

    public void Count(Happening happening) => Happenings[happening] = Happenings.GetValueOrDefault(happening) + 1;

    public void Answer(SimCall call, in AppendDecision decision)
    {
        Note($"{call} is answered {decision.Kind} (version {decision.Version}, offset {decision.Offset})");
        call.Answered(decision, Now);
        Count(decision.Kind switch
        {
            DecisionKind.Accepted => Happening.Accepted,
            DecisionKind.Conflict => Happening.Conflict,
            DecisionKind.Unknown => Happening.Unknown,
            DecisionKind.Cancelled => Happening.Cancelled,
            _ => Happening.NotWritten,
        });

        if (decision.Kind == DecisionKind.Accepted)
        {
            ref var session = ref _sessions[call.Number % _sessions.Length];
            session = Math.Max(session, decision.Offset + 1);
        }
    }

    public void Answer(SimRead read, SimInstance instance)
    {
        (read.AnsweredAt, read.Version, read.Position) = (Now, instance.Fold.Versions[read.Stream], instance.Writer.Position);
        _sessions[read.Client] = Math.Max(_sessions[read.Client], read.Position);
        Reads.Add(read);
    }

    public void Resolved(SimAppend append, in AppendDecision decision)
    {
        Note($"{append.Call} is resolved {decision.Kind} (version {decision.Version})");

        switch (decision.Kind)
        {
            case DecisionKind.Accepted:
                Count(Happening.ResolvedAccepted);
                append.Call.Resolutions.Add((AppendOutcome.Accepted, decision.Version));
                break;
            case DecisionKind.Conflict:
                Count(Happening.ResolvedRejected);
                append.Call.Resolutions.Add((AppendOutcome.Rejected, 0));
                break;
            case DecisionKind.ReadLog:
                Count(Happening.ResolvedFromLog);
                append.Call.Resolutions.Add(ReadLog(append.Call, decision));
                break;
        }
    }

    public void AskEnd(SimInstance instance, object subject)
    {
        instance.WakeTail();
        Schedule(Delay(_profile.NetworkDelay), new SimEvent(SimEventKind.AskEnd, instance, subject));
    }

    public void ScheduleTail(SimInstance instance) => Schedule(Delay(_profile.TailDelay), new SimEvent(SimEventKind.Tail, instance));

    public void ScheduleResend(SimInstance instance, Append append) =>
        Schedule(Delay(_profile.NetworkDelay), new SimEvent(SimEventKind.Resend, instance, append));

    /// <summary>Hands a copy to the network, which may lose it, refuse it, delay it or repeat it.</summary>
    public void Send(SimInstance instance, Attempt attempt)
    {
        Note($"instance {instance.Number} sends {((SimAppend)attempt.Append).Call} at version {attempt.FirstVersion}, base {attempt.Base}");

        if (Happens(_profile.Refused))
        {
            Schedule(Delay(_profile.NetworkDelay), new SimEvent(SimEventKind.Report, instance, attempt, SimEvent.ReportsNotPersisted));
        }
        else if (Happens(_profile.Lost))
        {
            Schedule(Delay(3 * _profile.NetworkDelay), new SimEvent(SimEventKind.Report, instance, attempt, SimEvent.ReportsUncertain));
        }
        else
        {
            Schedule(Delay(_profile.NetworkDelay), new SimEvent(SimEventKind.Land, instance, attempt));

            if (Happens(_profile.Duplicated))
            {
                Schedule(Delay(6 * _profile.NetworkDelay), new SimEvent(SimEventKind.Land, instance, attempt));
            }
        }
    }

    /// <summary>Lets a frame land, and perhaps land again, without a report.</summary>
    public void SendBlindly(in FrameHeader frame, SimCall call)
    {
        Schedule(Delay(_profile.NetworkDelay), new SimEvent(SimEventKind.Land, null, new SimRecord(frame, 0, call)));

        if (Happens(_profile.Duplicated))
        {
            Schedule(Delay(6 * _profile.NetworkDelay), new SimEvent(SimEventKind.Land, null, new SimRecord(frame, 0, call)));
        }
    }

    private void Play()
    {
        for (var i = 0; i < _profile.Writers; i++)
        {
            Start(new PartitionFold(Partitions, _profile.WindowCapacity));
        }

        for (var i = 0; i < _profile.Calls; i++)
        {
            Schedule(_random.Below(_profile.CallSpan), new SimEvent(SimEventKind.Call));
            Schedule(_random.Below(_profile.CallSpan), new SimEvent(SimEventKind.Read));
            Schedule(_random.Below(_profile.CallSpan), new SimEvent(SimEventKind.Trouble));
        }

        Drain();
        Heal();
    }

    /// <summary>The network is good again: everything drains, then every unknown outcome is resolved, without a time limit.</summary>
    private void Heal()
    {
        _isCalm = true;
        Drain();

        foreach (var call in Calls)
        {
            if (call.Answer is { Kind: DecisionKind.Unknown } unknown)
            {
                Live().Submit(new SimAppend(call, unknown));
            }
        }

        Drain();
    }

    private void Drain()
    {
        foreach (var instance in _instances)
        {
            instance.WakeTail();
        }

        for (var steps = 0; _events.TryDequeue(out var next, out var at); steps++)
        {
            _time = at.Time;
            Now++;
            Handle(next);

            if (steps > Calm)
            {
                throw new InvalidOperationException("The history does not end.");
            }
        }
    }

    private void Handle(in SimEvent next)
    {
        if (next.Kind != SimEventKind.Land && next.Instance is { IsCrashed: true })
        {
            return;
        }

        switch (next.Kind)
        {
            case SimEventKind.Call:
                Call();
                break;
            case SimEventKind.Read:
                Read();
                break;
            case SimEventKind.Land:
                Land(next);
                break;
            case SimEventKind.Report:
                next.Instance!.Report((Attempt)next.Subject!, next.Number);
                break;
            case SimEventKind.Tail:
                next.Instance!.Tail();
                break;
            case SimEventKind.Resend:
                next.Instance!.Writer.Resend((Append)next.Subject!);
                break;
            case SimEventKind.AskEnd:
                Schedule(Delay(_profile.NetworkDelay), new SimEvent(SimEventKind.EndAnswer, next.Instance, next.Subject, Log.Count));
                break;
            case SimEventKind.EndAnswer:
                next.Instance!.EndKnown(next.Subject!, next.Number);
                break;
            case SimEventKind.GiveUp:
                next.Instance!.GiveUp((SimAppend)next.Subject!, isCancelled: next.Number == 1);
                break;
            case SimEventKind.Trouble:
                Trouble();
                break;
        }
    }

    private void Call()
    {
        var instance = Live();
        var unknown = Calls.Find(call => call.Answer is { Kind: DecisionKind.Unknown } && call.Resolutions.Count == 0);

        if (unknown is not null && _random.Chance(30))
        {
            Submit(instance, new SimAppend(unknown, unknown.Answer!.Value) { HasFrame = _random.Chance(80) });
            return;
        }

        var call = Calls.Count > 0 && _random.Chance(_profile.Repeated) ? Repeat(_random.Pick(Calls)) : NewCall(instance);
        Calls.Add(call);
        Note($"{call} is made at instance {instance.Number}");
        Submit(instance, new SimAppend(call));
    }

    private void Submit(SimInstance instance, SimAppend append)
    {
        Schedule(_random.Between(0, _profile.Deadline), new SimEvent(SimEventKind.GiveUp, instance, append, _random.Below(2)));
        instance.Submit(append);
    }

    private SimCall NewCall(SimInstance instance)
    {
        var stream = new StreamKey((UInt128)(_random.Below(_profile.Streams) + 1));
        return new SimCall
        {
            Number = Calls.Count,
            Stream = stream,
            Id = new AppendId(new Guid(Calls.Count + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
            Expected = Expectation(instance.Fold.Versions[stream]),
            Count = _random.Pick([1, 1, 2, 3]),
            InvokedAt = Now,
        };
    }

    private SimCall Repeat(SimCall first)
    {
        first.IsRepeated = true;
        return new SimCall
        {
            Number = Calls.Count,
            Stream = first.Stream,
            Id = first.Id,
            Expected = _random.Chance(80) ? first.Expected : ExpectedVersion.Any,
            Count = first.Count,
            InvokedAt = Now,
            IsRepeated = true,
        };
    }

    private ExpectedVersion Expectation(long version) => _random.Below(10) switch
    {
        < 4 => ExpectedVersion.Any,
        4 => ExpectedVersion.Exists,
        5 => ExpectedVersion.NoStream,
        6 => ExpectedVersion.Exactly(version + _random.Between(1, 3)),
        7 => ExpectedVersion.Exactly(_random.Below((int)version + 1)),
        _ => ExpectedVersion.Exactly(version),
    };

    private void Read()
    {
        var client = _random.Below(_sessions.Length);
        var isStrong = _random.Chance(50);
        Live().Read(new SimRead
        {
            Stream = new StreamKey((UInt128)(_random.Below(_profile.Streams) + 1)),
            Client = client,
            IsStrong = isStrong,
            From = isStrong ? null : _sessions[client],
            InvokedAt = Now,
        });
    }

    private void Land(in SimEvent next)
    {
        if (Happens(_profile.ControlRecord))
        {
            Append(new SimRecord(null, Now, null));
        }

        if (next.Subject is SimRecord blind)
        {
            Append(blind with { LandedAt = Now });
            return;
        }

        var attempt = (Attempt)next.Subject!;
        var offset = Append(new SimRecord(attempt.Header, Now, ((SimAppend)attempt.Append).Call));
        var report = Happens(_profile.AckLost) ? SimEvent.ReportsUncertain : offset;
        Schedule(Delay(_profile.NetworkDelay), new SimEvent(SimEventKind.Report, next.Instance, attempt, report));
    }

    private long Append(in SimRecord record)
    {
        Log.Add(record);
        Note($"offset {Log.Count - 1}: {record.Call?.ToString() ?? (record.Frame is null ? "control record" : "barrier")}, version {record.Frame?.FirstVersion}");

        foreach (var instance in _instances)
        {
            if (!instance.IsResting)
            {
                instance.WakeTail();
            }
        }

        return Log.Count - 1;
    }

    /// <summary>Now and then: a checkpoint, a barrier, a new producer, a resting tail, a crash and a new instance from a checkpoint or from nothing.</summary>
    private void Trouble()
    {
        var index = _random.Below(_instances.Count);
        var instance = _instances[index];

        if (_random.Chance(30))
        {
            Checkpoints.Add(Copy(instance.Fold));
        }

        if (_random.Chance(5))
        {
            Append(new SimRecord(new FrameHeader(default, new AppendId(Guid.AllBitsSet), 0, 0, instance.Writer.Position, Partitions), Now, null));
        }

        if (_random.Chance(_profile.Rest))
        {
            instance.Rest();
        }

        if (_random.Chance(_profile.ProducerReplaced))
        {
            Note($"instance {instance.Number} replaces its producer");
            Count(Happening.ProducerReplaced);
            instance.Writer.ProducerReplaced();
        }

        if (_random.Chance(_profile.Crash))
        {
            Note($"instance {instance.Number} crashes");
            Count(Happening.Crashed);
            instance.Crash();
            _instances.RemoveAt(index);
            Start(Checkpoints.Count > 0 && _random.Chance(60) ? Copy(_random.Pick(Checkpoints)) : new PartitionFold(Partitions, _profile.WindowCapacity));
        }
    }

    private void Start(PartitionFold fold)
    {
        var instance = new SimInstance(this, _unplanned++, fold);
        _instances.Add(instance);
        instance.WakeTail();
    }

    private PartitionFold Copy(PartitionFold fold)
    {
        var copy = new PartitionFold(Partitions, _profile.WindowCapacity);
        copy.Restore(fold.Position, fold.Last);
        copy.Window.Restore(fold.Window.CoveredFrom);

        foreach (var (stream, version) in fold.Versions.Streams)
        {
            copy.Versions.Restore(stream, version);
        }

        foreach (var accepted in fold.Window.Appends)
        {
            copy.Window.Add(accepted);
        }

        return copy;
    }

    private (AppendOutcome Outcome, long Version) ReadLog(SimCall call, in AppendDecision pending)
    {
        for (var offset = (int)pending.Base; offset < Log.Count; offset++)
        {
            if (Log[offset].Frame is { } frame)
            {
                var outcome = PendingRule.Judge(frame, new AppendKey(call.Stream, call.Id), pending.FirstVersion);

                if (outcome != AppendOutcome.Undecided)
                {
                    return (outcome, frame.LastVersion);
                }
            }
        }

        return (AppendOutcome.Undecided, 0);
    }

    private SimInstance Live() => _random.Pick(_instances);

    private bool Happens(int percent) => !_isCalm && _random.Chance(percent);

    private int Delay(int limit) => _isCalm ? 1 : _random.Between(1, limit);

    private void Schedule(long after, in SimEvent what) => _events.Enqueue(what, (_time + after, _order++));

    private void Note(FormattableString text)
    {
        if (_isTraced)
        {
            Trace.Add($"{Now,5}  {FormattableString.Invariant(text)}");
        }
    }
}
