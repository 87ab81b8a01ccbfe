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
    private readonly SimClients _clients;
    private readonly bool _isTraced;
    private long _time;
    private long _order;
    private int _unplanned;

    private PartitionSimulation(long seed, Mutation mutation, bool isTraced)
    {
        (Mutation, _isTraced) = (mutation, isTraced);
        _random = new SimRandom(seed);
        _profile = SimProfile.Draw(_random);
        _clients = new SimClients(this, _random, _profile);
        Network = new SimNetwork(this, _random, _profile);
    }

    public Mutation Mutation { get; }

    public SimNetwork Network { get; }

    /// <summary>Gets whether the network is good again.</summary>
    public bool IsCalm { get; private set; }

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
            _clients.SawUpTo(decision.Offset + 1, call.Number % SimClients.Count);
        }
    }

    public void Answer(SimRead read, SimInstance instance)
    {
        (read.AnsweredAt, read.Version, read.Position) = (Now, instance.Fold.Versions[read.Stream], instance.Writer.Position);
        _clients.SawUpTo(read.Position, read.Client);
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
        Schedule(Network.Delay(_profile.NetworkDelay), new SimEvent(SimEventKind.AskEnd, instance, subject));
    }

    public void ScheduleTail(SimInstance instance) => Schedule(Network.Delay(_profile.TailDelay), new SimEvent(SimEventKind.Tail, instance));

    public void ScheduleResend(SimInstance instance, Append append) =>
        Schedule(Network.Delay(_profile.NetworkDelay), new SimEvent(SimEventKind.Resend, instance, append));

    public SimInstance Live() => _random.Pick(_instances);

    public void Schedule(long after, in SimEvent what) => _events.Enqueue(what, (_time + after, _order++));

    public long Append(in SimRecord record)
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

    public void Note(FormattableString text)
    {
        if (_isTraced)
        {
            Trace.Add($"{Now,5}  {FormattableString.Invariant(text)}");
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
        IsCalm = true;
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
                _clients.Call();
                break;
            case SimEventKind.Read:
                _clients.Read();
                break;
            case SimEventKind.Land:
                Network.Land(next);
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
            case SimEventKind.YieldOver:
                next.Instance!.Writer.YieldOver((StreamYield)next.Subject!);
                break;
            case SimEventKind.AskEnd:
                Schedule(Network.Delay(_profile.NetworkDelay), new SimEvent(SimEventKind.EndAnswer, next.Instance, next.Subject, Log.Count));
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

    /// <summary>Now and then: a checkpoint, a barrier, a new producer, a resting tail, a crash and a new instance from a checkpoint or from nothing.</summary>
    private void Trouble()
    {
        var index = _random.Below(_instances.Count);
        var instance = _instances[index];

        if (_random.Chance(30))
        {
            Checkpoints.Add(FoldCopy.Of(instance.Fold, _profile.WindowCapacity));
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
            Start(Checkpoints.Count > 0 && _random.Chance(60) ? FoldCopy.Of(_random.Pick(Checkpoints), _profile.WindowCapacity) : new PartitionFold(Partitions, _profile.WindowCapacity));
        }
    }

    private void Start(PartitionFold fold)
    {
        var instance = new SimInstance(this, _unplanned++, fold);
        _instances.Add(instance);
        instance.WakeTail();
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
}
