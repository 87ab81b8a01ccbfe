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
    private readonly SimTroubles _troubles;
    private readonly bool _isTraced;
    private long _time;
    private long _order;
    private int _started;

    private PartitionSimulation(long seed, Mutation mutation, bool isTraced)
    {
        (Mutation, _isTraced) = (mutation, isTraced);
        _random = new SimRandom(seed);
        _profile = SimProfile.Draw(_random);
        _clients = new SimClients(this, _random, _profile);
        _troubles = new SimTroubles(this, _random, _profile);
        Network = new SimNetwork(this, _random, _profile);
    }

    public Mutation Mutation { get; }

    public SimNetwork Network { get; }

    /// <summary>Gets whether the network is good again.</summary>
    public bool IsCalm { get; private set; }

    /// <summary>Gets the moment: every event has its own.</summary>
    public long Now { get; private set; }

    public SimLog Log { get; } = new();

    /// <summary>Gets what the log has lost; <see langword="null"/> if nothing.</summary>
    public SimLoss? Loss { get; private set; }

    public List<SimCall> Calls { get; } = [];

    public List<SimRead> Reads { get; } = [];

    public IReadOnlyList<SimCheckpoint> Checkpoints => _troubles.Checkpoints;

    public IReadOnlyList<SimInstance> Instances => _instances;

    public List<Violation> Violations { get; } = [];

    public List<string> Trace { get; } = [];

    /// <summary>Gets how often things happened, to show that the histories reach them.</summary>
    public int[] Happenings { get; } = new int[Enum.GetValues<Happening>().Length];

    /// <summary>Plays the history of a seed and checks it.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="mutation">The rule that the instances break.</param>
    /// <param name="isTraced">Whether to write down what happens.</param>
    /// <param name="isMutant">Whether the library is broken: its faults end a history, which is judged as far as it came.</param>
    public static PartitionSimulation Run(long seed, Mutation mutation = Mutation.None, bool isTraced = false, bool isMutant = false)
    {
        var simulation = new PartitionSimulation(seed, mutation, isTraced);

        try
        {
            simulation.Play();
            HistoryChecker.Check(simulation, simulation._random);
        }
        catch (Exception) when (isMutant)
        {
            return simulation;
        }
        catch (Exception) when (!isTraced)
        {
            return Run(seed, mutation, isTraced: true);
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"The history of seed {seed} failed.\n{string.Join('\n', simulation.Trace)}", fault);
        }

        return simulation;
    }

    public void Violate(Invariant invariant, string text) => Violations.Add(new Violation(invariant, text));

    public void Count(Happening happening) => Happenings[(int)happening]++;

    /// <summary>Returns whether an instance has folded what the log holds, and not what it has lost.</summary>
    public bool IsSound(SimInstance instance) => Loss is null || instance.FirstDifference() is null;

    public void Answer(SimCall call, in AppendDecision decision, SimInstance instance)
    {
        Note($"{call} is answered {decision.Kind} (version {decision.Version}, offset {decision.Offset})");
        call.Answered(decision, Now, IsSound(instance));
        call.IsStray |= decision.Kind == DecisionKind.Unknown && !call.IsSound;
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
        read.IsSound = IsSound(instance);
        _clients.SawUpTo(read.Position, read.Client);
        Reads.Add(read);

        if (read.Kind == SimReadKind.Linearizable)
        {
            Count(Happening.ReadLinearizably);
        }
    }

    public void Resolved(SimAppend append, in AppendDecision decision, SimInstance instance)
    {
        Note($"{append.Call} is resolved {decision.Kind} (version {decision.Version})");

        switch (decision.Kind)
        {
            case DecisionKind.Accepted:
                Count(Happening.ResolvedAccepted);
                Resolve(append.Call, AppendOutcome.Accepted, decision.Version, instance);
                break;
            case DecisionKind.Conflict:
                Count(Happening.ResolvedRejected);
                Resolve(append.Call, AppendOutcome.Rejected, 0, instance);
                break;
            case DecisionKind.ReadLog:
                Count(Happening.ResolvedFromLog);
                var (outcome, version) = ReadLog(append.Call, decision);
                Resolve(append.Call, outcome, version, instance);
                break;
        }
    }

    /// <summary>An instance stops: it may only if the log is not what it was, and it has reason to know.</summary>
    public void Stopped(SimInstance instance, ProtocolFault fault)
    {
        Note($"instance {instance.Number} stops: {fault.Text}");
        var hasReason = Loss is { } loss
            && (!IsSound(instance) || instance.WasToldOfLost || instance.Follower.HasReadUpTo(loss.From) || fault.Reason == FaultReason.BaseBeyondOffset);

        if (!hasReason)
        {
            Violate(Invariant.NoSpuriousStop, $"instance {instance.Number} stopped: {fault.Text}");
        }
    }

    public void AskEnd(SimInstance instance, object subject)
    {
        ScheduleWake(instance);
        Schedule(Network.Delay(_profile.NetworkDelay), new SimEvent(SimEventKind.AskEnd, instance, subject));
    }

    /// <summary>Wakes an instance's tail after the step at hand.</summary>
    public void ScheduleWake(SimInstance instance) => Schedule(0, new SimEvent(SimEventKind.Wake, instance));

    public void ScheduleTail(SimInstance instance) => Schedule(Network.Delay(_profile.TailDelay), new SimEvent(SimEventKind.Tail, instance));

    public void ScheduleResend(SimInstance instance, Append append) =>
        Schedule(Network.Delay(_profile.NetworkDelay), new SimEvent(SimEventKind.Resend, instance, append));

    public SimInstance Live() => _random.Pick(_instances);

    public void Schedule(long after, in SimEvent what) => _events.Enqueue(what, (_time + after, _order++));

    public long Append(in SimRecord record)
    {
        var offset = Log.Append(record);
        Note($"offset {offset}: {record.Call?.ToString() ?? (record.Frame is null ? "control record" : "barrier")}, version {record.Frame?.FirstVersion}");

        foreach (var instance in _instances)
        {
            if (!instance.Follower.IsResting)
            {
                instance.Follower.Wake();
            }
        }

        return offset;
    }

    public void Lose(int from)
    {
        Note($"the log loses everything from offset {from} on");
        Loss = new SimLoss(Now, from, [.. Log.Records]);
        Log.Lose(from);

        foreach (var call in Calls)
        {
            call.IsStray |= call.Answer is { Kind: DecisionKind.Unknown } pending && pending.Base > from;
        }

        foreach (var instance in _instances)
        {
            instance.LogLost(from);

            if (instance.Follower.IsResting && instance.Fold.Position > from)
            {
                Count(Happening.LossWhileResting);
            }
        }
    }

    public SimInstance Start(SimCheckpoint from)
    {
        var capacity = _profile.DrawWindow(_random);
        var instance = new SimInstance(this, _started++, from.Restore(capacity), from, _random, _profile);
        Note($"instance {instance.Number} starts at {instance.Fold.Position}");
        _instances.Add(instance);
        instance.Follower.Wake();
        return instance;
    }

    public void Remove(SimInstance instance)
    {
        instance.Crash();
        _instances.Remove(instance);
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
            Start(SimCheckpoint.Nothing);
        }

        for (var i = 0; i < _profile.Calls; i++)
        {
            Schedule(_random.Below(_profile.CallSpan), new SimEvent(SimEventKind.Call));
            Schedule(_random.Below(_profile.CallSpan), new SimEvent(SimEventKind.Read));
            Schedule(_random.Below(_profile.CallSpan), new SimEvent(SimEventKind.Trouble));
        }

        if (_profile.IsLossy)
        {
            Schedule(_random.Between(1, _profile.CallSpan + (2 * _profile.NetworkDelay)), new SimEvent(SimEventKind.Loss));
        }

        Drain();
        Heal();
    }

    /// <summary>The network is good again: everything drains, then every unknown outcome is resolved, without a time limit.</summary>
    private void Heal()
    {
        IsCalm = true;
        Drain();
        var resolver = Live();

        if (Loss is not null)
        {
            resolver = Start(SimCheckpoint.Nothing);
            _troubles.RestoreLost();
            _troubles.Regrow();
            Drain();
        }

        foreach (var call in Calls)
        {
            if (call.Answer is { Kind: DecisionKind.Unknown } unknown)
            {
                resolver.Submit(new SimAppend(call, unknown));
            }
        }

        Drain();
    }

    private void Drain()
    {
        foreach (var instance in _instances)
        {
            instance.Follower.Wake();
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
        // What a process that is gone had sent may still land.
        if (next.Kind == SimEventKind.Land || next.Instance is not { IsGone: true })
        {
            if (next.Instance is null || next.Kind == SimEventKind.Land)
            {
                HandleOutside(next);
            }
            else
            {
                Handle(next, next.Instance);
            }
        }
    }

    private void HandleOutside(in SimEvent next)
    {
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
            case SimEventKind.Trouble:
                _troubles.Happen();
                break;
            case SimEventKind.Loss:
                _troubles.Lose();
                break;
        }
    }

    private void Handle(in SimEvent next, SimInstance instance)
    {
        switch (next.Kind)
        {
            case SimEventKind.Report when next.Subject is Attempt attempt:
                instance.Report(attempt, next.Number);
                break;
            case SimEventKind.Report:
                instance.Report((FrameHeader)next.Subject!, next.Number);
                break;
            case SimEventKind.Tail:
                instance.Tail();
                break;
            case SimEventKind.Wake:
                instance.Follower.Wake();
                break;
            case SimEventKind.Resend:
                instance.Writer.Resend((Append)next.Subject!);
                break;
            case SimEventKind.YieldOver:
                instance.Writer.YieldOver((StreamYield)next.Subject!);
                break;
            case SimEventKind.AskEnd:
                Schedule(Network.Delay(_profile.NetworkDelay), new SimEvent(SimEventKind.EndAnswer, instance, next.Subject, Network.EndFor(next.Subject!)));
                break;
            case SimEventKind.EndAnswer:
                instance.EndKnown(next.Subject!, next.Number);
                break;
            case SimEventKind.GiveUp:
                instance.GiveUp((SimAppend)next.Subject!, isCancelled: next.Number == 1);
                break;
        }
    }

    private void Resolve(SimCall call, AppendOutcome outcome, long version, SimInstance instance) =>
        call.Resolutions.Add(new SimResolution(outcome, version, Now, IsSound(instance)));

    private (AppendOutcome Outcome, long Version) ReadLog(SimCall call, in AppendDecision pending)
    {
        for (var offset = pending.Base; offset < Log.Count; offset++)
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
