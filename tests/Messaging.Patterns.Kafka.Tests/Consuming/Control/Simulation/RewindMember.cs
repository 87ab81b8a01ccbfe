using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation;

/// <summary>A member of the group: does what the library does around <see cref="PartitionControl"/>, one small step at a time.</summary>
internal sealed class RewindMember(RewindWorld world, SimRandom random, int number)
{
    private const int AtOnce = 3;

    private readonly List<(SimOwned Owned, long Next)> _commits = [];
    private readonly List<(SimOwned Owned, ControlStep.Acknowledge Step, bool IsDurable)> _acknowledging = [];
    private readonly List<(SimOwned Owned, SimRun Run, long Offset)> _strays = [];

    /// <summary>Gets the number by which it came.</summary>
    public int Number { get; } = number;

    public ControlLog Log { get; } = new();

    public List<SimOwned> All { get; } = [];

    /// <summary>Gets or sets whether the brokers know it for a member.</summary>
    public bool IsMember { get; set; } = true;

    public void Assign(SimControlled partition)
    {
        var position = world.HasProjection ? new PartitionPosition(follows: false) : null;
        position?.Found(partition.Projection.Stored);
        var owned = new SimOwned(this, partition, new PartitionControl(Log.Find(partition.Id), position), world.Topic.End) { Committed = partition.Committed, Position = position };
        owned.Control.Came(world.Topic.End);
        All.Add(owned);
        partition.Owner = owned;
    }

    public void ReadControl()
    {
        if (world.Topic.Find(Log.Next) is { } record)
        {
            Log.Read(record.Offset, record.Partition, record.Entry);
        }
        else
        {
            Log.ReadTo(world.Topic.End);
        }
    }

    /// <summary>Carries out what a partition is to do next.</summary>
    public void Act()
    {
        if (!random.TryPick(All, out var owned))
        {
            return;
        }

        if (owned.IsQuiescing)
        {
            EndQuiescing(owned);
            return;
        }

        switch (owned.Control.Next(Log.Next, owned.Committed))
        {
            case ControlStep.Quiesce:
                owned.IsQuiescing = true;
                break;
            case ControlStep.SetPosition step:
                SetPosition(owned, step);
                break;
            case ControlStep.Acknowledge step when !owned.IsAcknowledging:
                owned.IsAcknowledging = true;
                _acknowledging.Add((owned, step, false));
                break;
            case ControlStep.Look step:
                owned.Position!.Looked(step, owned.Partition.Projection.Stored);
                break;
            case ControlStep.Begin step:
                owned.Control.Begun(step);
                owned.Committed = world.HasProjection ? owned.Partition.Projection.Position : owned.Partition.Committed;
                owned.Run = new SimRun(step, owned.Committed);
                break;
            case ControlStep.Rest step:
                world.Count(RewindHappening.Rested);
                owned.Control.Rested(step);
                break;
        }
    }

    /// <summary>An acknowledgement gets into the topic, or its report comes back.</summary>
    public void Deliver()
    {
        if (_acknowledging.Count == 0 || random.Chance(40))
        {
            return;
        }

        var index = random.Below(_acknowledging.Count);
        var (owned, step, isDurable) = _acknowledging[index];

        // What a former owner has sent may be under way for long.
        if (owned.HasLeft && random.Chance(85))
        {
            return;
        }

        if (!isDurable)
        {
            world.Acknowledge(owned, step);
            _acknowledging[index] = (owned, step, true);
            return;
        }

        _acknowledging.RemoveAt(index);
        owned.IsAcknowledging = false;

        // Told to an assignment that has left, it is told to nobody.
        if (!owned.HasLeft)
        {
            owned.Control.Acknowledged(step);
        }
    }

    /// <summary>Handlers begin with an event, or are done with one.</summary>
    public void Work()
    {
        if (_strays.Count > 0 && random.Chance(20))
        {
            var (from, run, offset) = _strays[0];
            _strays.RemoveAt(0);
            world.Count(RewindHappening.HandledLate);
            Complete(from, run, offset);
            return;
        }

        if (!random.TryPick(All.Where(one => one.Run is not null), out var owned))
        {
            return;
        }

        if (owned.Run!.Handling.Count > 0 && random.Chance(50))
        {
            var offset = random.Pick(owned.Run.Handling);
            owned.Run.Handling.Remove(offset);
            Complete(owned, owned.Run, offset);
        }
        else if (!owned.IsQuiescing && !owned.Run.HasFailed && owned.Run.Next < owned.Partition.End && owned.Run.Handling.Count < (world.HasProjection ? 1 : AtOnce))
        {
            Begin(owned, owned.Run);
        }
    }

    /// <summary>A commit is sent; what comes of it comes later. A projection keeps its position itself.</summary>
    public void Commit()
    {
        // One is under way at a time.
        if (_commits.Count == 0 && !world.HasProjection)
        {
            _commits.AddRange(All.Where(one => one.Run is not null && one.Run.Committable > one.Committed).Select(one => (one, one.Run!.Committable)));
        }
    }

    public void Arrive()
    {
        foreach (var (owned, next) in _commits)
        {
            world.Commit(owned, next);
        }

        _commits.Clear();
    }

    /// <summary>A partition is to go to another member: what is handled is committed.</summary>
    public void Revoke(SimOwned owned)
    {
        world.Count(RewindHappening.CommitUnderWayAtARevoke, _commits.Exists(commit => commit.Owned == owned));
        Arrive();
        Stop(owned);
        CommitDone(owned);
        Remove(owned);
    }

    /// <summary>It learns that it is no member any more, and joins anew.</summary>
    public void NoticeExpulsion()
    {
        _commits.Clear();
        All.ToList().ForEach(owned =>
        {
            Stop(owned);
            Remove(owned);
        });
        IsMember = true;
    }

    /// <summary>It is gone; what it has sent may still arrive.</summary>
    public void Crash()
    {
        world.Count(RewindHappening.CrashedBetweenSetAndAcknowledged, All.Exists(owned => owned.SetFor > Log.Find(owned.Partition.Id).Done.Epoch));

        if (random.Chance(50))
        {
            Arrive();
        }

        foreach (var (owned, step, _) in _acknowledging.Where(one => !one.IsDurable && random.Chance(50)).ToList())
        {
            world.Acknowledge(owned, step);
        }

        IsMember = false;
        All.ForEach(owned => owned.HasLeft = true);
    }

    private void EndQuiescing(SimOwned owned)
    {
        if (owned.Run is { Handling.Count: > 0 } && random.Chance(70))
        {
            return;
        }

        // A commit that is under way would come after the one that sets the position.
        Arrive();
        Stop(owned);
        CommitDone(owned);
        owned.Run = null;
        owned.IsQuiescing = false;
        owned.Control.Quiesced();
    }

    private void SetPosition(SimOwned owned, ControlStep.SetPosition step)
    {
        if (owned.Run is { Handling.Count: > 0 })
        {
            world.Violate(RewindInvariant.QuietWhenSet, owned, $"handles {owned.Run.Handling[0]}");
        }

        if (!world.TrySetPosition(owned, step))
        {
            return;
        }

        owned.Committed = step.Target;
        owned.SetFor = step.Epoch;
        owned.Position?.Found(owned.Partition.Projection.Stored);
        owned.Control.Set(step);
    }

    // Handlers that do not heed their cancellation go on; what they report does not count.
    private void Stop(SimOwned owned)
    {
        if (owned.Run is { } run)
        {
            _strays.AddRange(run.Handling.Where(_ => random.Chance(50)).Select(offset => (owned, run, offset)));
            run.Handling.Clear();
        }
    }

    private void CommitDone(SimOwned owned)
    {
        if (owned.Run is { } run && run.Committable > owned.Committed && !world.HasProjection)
        {
            world.Commit(owned, run.Committable);
        }
    }

    private void Remove(SimOwned owned)
    {
        owned.HasLeft = true;
        All.Remove(owned);
    }

    private void Begin(SimOwned owned, SimRun run)
    {
        var offset = run.Next++;

        if (run.Begin.Skips.Contains(offset))
        {
            world.Count(RewindHappening.PassedOver);
            run.Done.Add(offset);
            owned.Partition.Projection.Advance(offset + 1, run.Begin.Epoch);
            return;
        }

        run.Handling.Add(offset);
        world.Begun(owned, run, offset);
    }

    private void Complete(SimOwned owned, SimRun run, long offset)
    {
        if (world.HasProjection && !world.Apply(owned, run, offset))
        {
            run.HasFailed = true;
            return;
        }

        owned.Partition.Handled[offset] = Math.Max(owned.Partition.Handled.GetValueOrDefault(offset, -1), run.Begin.Epoch);
        run.Done.Add(offset);
    }
}
