using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation.Positions;

/// <summary>A member of the group: does what the library does around <see cref="PartitionControl"/> and <see cref="PartitionPosition"/>, one small step at a time.</summary>
internal sealed class PositionMember(PositionWorld world, SimRandom random)
{
    private const int AtOnce = 3;

    private readonly ControlLog _log = new();
    private readonly List<SimHandling> _strays = [];
    private readonly List<Action> _following = [];

    public PositionOwned? Owned { get; private set; }

    /// <summary>Gets or sets whether the brokers know it for a member.</summary>
    public bool IsMember { get; set; } = true;

    /// <summary>Gets every event that it has in hand, whether the partition is its own or not.</summary>
    public IEnumerable<SimHandling> InHand => [.. _strays, .. Owned?.Run?.Handling ?? []];

    public void Assign()
    {
        var position = new PartitionPosition(follows: true);
        Owned = new PositionOwned(new PartitionControl(_log.Find(PositionWorld.Partition), position), position, world.Committed);
        world.Owner = this;
    }

    public void ReadControl()
    {
        if (world.Topic.Find(_log.Next) is { } record)
        {
            _log.Read(record.Offset, record.Partition, record.Entry);
        }
        else
        {
            _log.ReadTo(world.Topic.End);
        }
    }

    /// <summary>Carries out what is to be done next.</summary>
    public void Act()
    {
        if (Owned is not { IsStopped: false } owned)
        {
            return;
        }

        if (owned.Request is not null)
        {
            GoOn(owned);
        }
        else if (!owned.IsLookedAt)
        {
            Ask(owned, () => owned.IsLookedAt = true);
        }
        else if (!owned.IsEndKnown)
        {
            owned.IsEndKnown = true;
            owned.Control.Came(world.Topic.End);
        }
        else if (owned.IsQuiescing)
        {
            EndQuiescing(owned);
        }
        else
        {
            Do(owned, owned.Control.Next(_log.Next, owned.Committed));
        }
    }

    /// <summary>Handlers begin with an event, or go on.</summary>
    public void Work()
    {
        if (random.TryPick(InHand, out var handling) && random.Chance(75))
        {
            GoOn(handling);
        }
        else if (Owned is { IsQuiescing: false, IsStopped: false, Run: { } run } && run.Next < world.End && run.Handling.Count < (world.HasMarks ? AtOnce : 1))
        {
            run.Handling.Add(new SimHandling(world.Log[(int)run.Next], run.Next, run.Epoch));
            run.Next++;
        }
    }

    /// <summary>What is done is committed, and the position is told to follow.</summary>
    public void Commit()
    {
        if (Owned is not { Run: { } run } owned)
        {
            return;
        }

        if (owned.Offsets.Due(run.FindCommittable(world.End)) is { } due && IsMember)
        {
            world.Count(PositionHappening.CommittedForAFormerOwner, due == run.Start);
            (world.Committed, owned.Offsets) = (due, PartitionOffsets.At(due));
        }

        if (world.HasMarks && owned.Committed is { } next && next > run.Followed)
        {
            run.Followed = next;
            _following.Add(() => world.Inbox.Follow(new StoredPosition(next, run.Epoch)));
        }
    }

    /// <summary>A position that is told to follow arrives.</summary>
    public void Follow()
    {
        if (random.TryPick(_following, out var follow))
        {
            _following.Remove(follow);
            follow();
        }
    }

    /// <summary>The partition is to go to another member: what is handled is committed.</summary>
    public void Revoke()
    {
        Stop();
        Commit();
        Owned = null;
    }

    /// <summary>It learns that it is no member any more, and joins anew.</summary>
    public void NoticeExpulsion()
    {
        Stop();
        Owned = null;
        IsMember = true;
    }

    /// <summary>It is gone. What it has sent may still arrive.</summary>
    public void Crash()
    {
        var done = _log.Find(PositionWorld.Partition).Done.Epoch;
        world.Count(PositionHappening.CrashedBetweenSetAndCommit, Owned?.SetFor > Math.Max(done, Owned?.CommittedFor ?? -1));
        world.Count(PositionHappening.CrashedBetweenCommitAndAcknowledgement, Owned?.CommittedFor > done);

        if (Owned?.Request is { IsApplied: false } request && random.Chance(50))
        {
            request.TryApply();
        }

        foreach (var handling in InHand.Where(one => one.IsOpen))
        {
            if (handling.Step == SimHandlingStep.Kept && random.Chance(50))
            {
                world.Inbox.Commit(handling);
            }
            else
            {
                world.Inbox.RollBack(handling);
            }
        }
    }

    private void Do(PositionOwned owned, ControlStep next)
    {
        switch (next)
        {
            case ControlStep.Quiesce:
                owned.IsQuiescing = true;
                break;
            case ControlStep.SetPosition step:
                Change(owned, new StoredPosition(step.Target, step.Epoch), stored => Commit(owned, step, stored));
                break;
            case ControlStep.Place step:
                world.Count(PositionHappening.Placed);
                Change(owned, step.Position, stored =>
                {
                    world.Count(PositionHappening.PlacedByAnother, stored != step.Position);
                    owned.Found(stored);
                });
                break;
            case ControlStep.Look step:
                world.Count(PositionHappening.LookedAgain);
                Ask(owned, () => owned.Position.Looked(step, world.Inbox.Position));
                break;
            case ControlStep.Acknowledge step:
                owned.Request = new SimRequest(() => world.Topic.Append(PositionWorld.Partition, step.Entry) >= 0, () => owned.Control.Acknowledged(step));
                break;
            case ControlStep.Begin step:
                world.Count(PositionHappening.WentOnBehindTheCommit, owned.Committed < world.Committed);
                world.Count(PositionHappening.WentOnAheadOfTheCommit, owned.Committed > (world.Committed ?? -1));

                if (!(world.Inbox.Position?.Epoch >= step.Epoch))
                {
                    world.Violate(PositionInvariant.BegunInAStoredEpoch, $"it begins by {step} where {world.Inbox.Position} is stored");
                }

                owned.Run = new PositionRun(Math.Max(0, step.Epoch), owned.Committed ?? 0);
                owned.Control.Begun(step);
                break;
            case ControlStep.Rest step:
                owned.Control.Rested(step);
                break;
            case ControlStep.Lost or ControlStep.Stop:
                Stop(owned, next);
                break;
        }
    }

    private void Stop(PositionOwned owned, ControlStep step)
    {
        owned.IsStopped = true;
        world.Count(PositionHappening.StoppedAsLost, step is ControlStep.Lost);

        if (step is ControlStep.Stop || !world.HasLostARewind)
        {
            world.Violate(PositionInvariant.StopsOnlyWhenLost, $"it stops by {step} where {world.Inbox.Position} is stored and {world.Orders().Done} is acknowledged");
        }
    }

    // First the database, then the commit: each may fail, and is then done again.
    private void Commit(PositionOwned owned, ControlStep.SetPosition step, StoredPosition stored)
    {
        owned.Found(stored);
        owned.SetFor = step.Epoch;

        if (!IsMember)
        {
            return;
        }

        world.Committed = stored.Next;

        // It may be done, and the answer lost.
        if (world.IsCalm || random.Chance(90))
        {
            (owned.Offsets, owned.CommittedFor) = (PartitionOffsets.At(stored.Next), step.Epoch);
            owned.Control.Set(step);
        }
    }

    private void Ask(PositionOwned owned, Action then)
    {
        StoredPosition? stored = null;
        owned.Request = new SimRequest(
            () =>
            {
                stored = world.Inbox.Position;
                return true;
            },
            () =>
            {
                then();
                owned.Found(stored);
            });
    }

    private void Change(PositionOwned owned, StoredPosition position, Action<StoredPosition> then)
    {
        StoredPosition? stored = null;
        world.Count(PositionHappening.SetAgainByTheNextOwner, position.Epoch > 0 && world.Inbox.Position?.Epoch == position.Epoch && owned.SetFor < position.Epoch);
        owned.Request = new SimRequest(() => (stored = world.Inbox.TryRewind(position)) is not null, () => then(stored!));
    }

    private void GoOn(PositionOwned owned)
    {
        var request = owned.Request!;

        if (!world.IsCalm && random.Chance(5))
        {
            // It fails, before it is done or after.
            owned.Request = null;
        }
        else if (!request.IsApplied)
        {
            request.IsApplied = request.TryApply();
        }
        else
        {
            owned.Request = null;
            request.Then();
        }
    }

    private void GoOn(SimHandling handling)
    {
        if (handling.IsOpen && !world.IsCalm && random.Chance(3))
        {
            world.Inbox.RollBack(handling);
            return;
        }

        switch (handling.Step)
        {
            case SimHandlingStep.Waiting:
                world.Inbox.TryTake(handling);
                break;
            case SimHandlingStep.Taken when !handling.IsKnown:
                world.Inbox.TryKeep(handling);
                break;
            case SimHandlingStep.Taken or SimHandlingStep.Kept:
                world.Inbox.Commit(handling);
                break;
        }

        if (handling.Step is SimHandlingStep.Committed or SimHandlingStep.Refused)
        {
            Over(handling);
        }
    }

    private void Over(SimHandling handling)
    {
        if (_strays.Remove(handling) || Owned?.Run is not { } run)
        {
            return;
        }

        run.Handling.Remove(handling);

        if (handling.Step == SimHandlingStep.Committed)
        {
            run.Done.Add(handling.Offset);
        }
        else
        {
            // It is tried again, until the order arrives.
            run.Handling.Add(new SimHandling(handling.Id, handling.Offset, handling.Epoch));
        }
    }

    private void EndQuiescing(PositionOwned owned)
    {
        if (owned.Run is { Handling.Count: > 0 } && random.Chance(70))
        {
            return;
        }

        Stop();
        Commit();
        (owned.Run, owned.IsQuiescing) = (null, false);
        owned.Control.Quiesced();
    }

    // Handlers that do not heed their cancellation go on; what they report does not count.
    private void Stop()
    {
        if (Owned?.Run is not { } run)
        {
            return;
        }

        foreach (var handling in run.Handling.ToList())
        {
            if (random.Chance(50))
            {
                _strays.Add(handling);
            }
            else if (handling.IsOpen)
            {
                world.Inbox.RollBack(handling);
            }
        }

        run.Handling.Clear();
    }
}
