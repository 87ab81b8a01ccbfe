using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming.Dispatch;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;

/// <summary>A member of the group: does what the library's member does around the dispatch, one small step at a time.</summary>
internal sealed class SimMember(DispatchSimulation world, SimRandom random, DispatchProfile profile)
{
    private readonly List<WorkBatch<SimDelivery>> _running = [];
    private int _launched;
    private int _allowed = profile.Settings.MaxConcurrency;

    public MemberDispatch<SimDelivery> Dispatch { get; } = new(SettingsOf(world.Mutation, profile.Settings));

    public List<SimAssignment> Assignments { get; } = [];

    public bool IsIdle => _launched == 0 && _running.Count == 0;

    /// <summary>Gets whether nothing happens by itself any more.</summary>
    public bool IsAtRest => IsIdle && Dispatch.NextDue is null && Assignments.TrueForAll(one => one.HasLeft || one.Intake.Count == 0);

    public bool IsBusyWith(SimAssignment assignment) => _running.Exists(batch => batch.Partition == assignment.Dispatch);

    public void Assign(SimTopicPartition partition)
    {
        var former = world.Mutation == DispatchMutation.FormerAssignmentGoesOn ? Assignments.Find(one => one.Partition == partition) : null;
        var assignment = new SimAssignment(this, partition, former?.Dispatch ?? Dispatch.Assign());
        Assignments.Add(assignment);
        partition.Owner = assignment;
        world.Note($"{this} gets {partition.Number} at {partition.Committed}");
    }

    /// <summary>Fetches one record, if there is one and there is room for it.</summary>
    public void Poll()
    {
        Resume();

        if (!random.TryPick(Assignments.Where(one => !one.HasLeft && !one.Dispatch.IsPaused && one.Next < one.Partition.Log.Count), out var assignment))
        {
            return;
        }

        if (!assignment.Dispatch.CanTake && world.Mutation != DispatchMutation.BudgetIsIgnored)
        {
            if (!random.Chance(30))
            {
                return;
            }

            world.Count(DispatchHappening.Paused);
            assignment.Dispatch.Pause();
        }

        Take(assignment, assignment.Partition.Log[assignment.Next++]);

        if (assignment.Next == assignment.Partition.Log.Count)
        {
            Dispatch.ReachedEnd(assignment.Dispatch, assignment.Partition.End);
        }

        if (world.Mutation != DispatchMutation.WorkIsNotAnnounced || random.Chance(50))
        {
            Announce();
        }
    }

    public void Judge()
    {
        if (!random.TryPick(Assignments.Where(one => one.Intake.Count > 0), out var assignment))
        {
            return;
        }

        if (world.Mutation == DispatchMutation.JudgedOutOfOrder && random.Chance(50))
        {
            assignment.Intake.Enqueue(assignment.Intake.Dequeue());
        }

        if (!world.IsCalm && random.Chance(profile.Failure))
        {
            world.Count(DispatchHappening.Refused);
            assignment.Dispatch.Close();
            assignment.HasStopped = true;
            assignment.Intake.Clear();
            return;
        }

        Judged(assignment, assignment.Intake.Dequeue());
        Announce();
    }

    /// <summary>A worker that was started begins, or one that handles is done.</summary>
    public void Work()
    {
        if (_launched > 0 && (_running.Count == 0 || random.Chance(50)))
        {
            _launched--;
            Begin(new(), isFirst: true);
            return;
        }

        if (random.TryPick(_running, out var batch))
        {
            _running.Remove(batch);
            Return(batch);
            Begin(batch, isFirst: false);
        }
    }

    public void Commit()
    {
        foreach (var assignment in Assignments.Where(one => !one.HasLeft).ToList())
        {
            Commit(assignment);
        }
    }

    /// <summary>Time passes; nobody may be woken for it but by the time that the dispatch names.</summary>
    public void Tick(long now)
    {
        if (Dispatch.NextDue is { } due && due <= now && world.Mutation != DispatchMutation.TimeIsNotWatched)
        {
            world.Count(DispatchHappening.Lingered);
            Dispatch.Advance(now);
            Announce();
        }
    }

    public void ChangeConcurrency(int workers)
    {
        world.Count(workers > _allowed ? DispatchHappening.MoreWorkers : DispatchHappening.FewerWorkers);
        _allowed = workers;

        if (world.Mutation != DispatchMutation.ConcurrencyIsIgnored || workers > Dispatch.MaxConcurrency)
        {
            Dispatch.MaxConcurrency = workers;
        }

        Announce();
    }

    public void Drain(SimAssignment assignment)
    {
        if (world.Mutation != DispatchMutation.DrainedPartitionGivesOut)
        {
            assignment.Dispatch.Drain();
        }

        assignment.IsQuiet = true;
    }

    /// <summary>A partition leaves after it was drained, or since it is lost.</summary>
    public void Leave(SimAssignment assignment, bool isLost)
    {
        world.Count(DispatchHappening.ParkedWhenLeaving, assignment.Dispatch.Parked.Count > 0);

        if (!isLost || world.Mutation == DispatchMutation.LostPartitionIsCommitted)
        {
            Commit(assignment);
        }

        if (world.Mutation != DispatchMutation.FormerAssignmentGoesOn)
        {
            assignment.Dispatch.Leave();
        }

        (assignment.IsQuiet, assignment.HasLeft) = (true, true);
        assignment.Intake.Clear();

        if (assignment.Partition.Owner == assignment)
        {
            assignment.Partition.Owner = null;
        }
    }

    private void Take(SimAssignment assignment, SimRecord record)
    {
        if (!assignment.Dispatch.TryTake(record.Offset, record.Bytes, new(assignment, record), out var taken))
        {
            return;
        }

        assignment.LastTaken = record.Offset;

        if (profile.IsJudged)
        {
            assignment.Intake.Enqueue(taken);
        }
        else
        {
            Judged(assignment, taken);
        }
    }

    private void Judged(SimAssignment assignment, in TakenRecord<SimDelivery> taken)
    {
        if (taken.Record.Record.IsEmpty)
        {
            world.Count(DispatchHappening.PassedOver);
            Dispatch.PassOver(assignment.Dispatch, taken);
            assignment.Done.Add(taken.Offset);
        }
        else
        {
            assignment.Enqueued.Add(taken.Record.Record);
            var isIgnored = world.Mutation == DispatchMutation.KeysAreIgnored;
            Dispatch.Enqueue(assignment.Dispatch, taken, isIgnored ? new(BitConverter.GetBytes(taken.Offset)) : taken.Record.Record.Key);
        }
    }

    private void Begin(WorkBatch<SimDelivery> batch, bool isFirst)
    {
        if (!Dispatch.TryBegin(batch, isFirst))
        {
            return;
        }

        _running.Add(batch);

        if (_running.Count > _allowed)
        {
            world.Violate(DispatchInvariant.Concurrency, $"{_running.Count} workers, but {_allowed} may");
        }

        world.GaveOut(batch, _running.Count);

        if (world.Mutation == DispatchMutation.GivenOutIsDone)
        {
            batch.Partition.Return(batch, world.Now);
        }

        if (world.Mutation != DispatchMutation.WorkersAreNotFollowed)
        {
            Announce();
        }
    }

    private void Return(WorkBatch<SimDelivery> batch)
    {
        var assignment = batch[0].Record.Assignment;

        if (assignment.IsQuiet && random.Chance(40))
        {
            world.Count(DispatchHappening.CancelledOnLeaving);
            NotDone(batch, isCompleted: world.Mutation == DispatchMutation.CancellationIsDone);
        }
        else if (batch.Purpose == WorkPurpose.SetAside && !TrySetAside(assignment, batch))
        {
            GiveBack(batch);
        }
        else
        {
            Handle(assignment, batch);
            GiveBack(batch);
        }
    }

    /// <summary>Sets aside, which may fail; then its rest is handled.</summary>
    private bool TrySetAside(SimAssignment assignment, WorkBatch<SimDelivery> batch)
    {
        if (!world.IsCalm && random.Chance(profile.Failure))
        {
            world.Count(DispatchHappening.NotSetAside);

            if (world.Mutation != DispatchMutation.NotSetAsideIsDone)
            {
                Failed(batch, 0, random.Chance(70) ? WorkOutcome.FailedAgain : WorkOutcome.FailedForGood);
            }

            return false;
        }

        world.Count(DispatchHappening.SetAside);
        assignment.FailedSince.Remove(batch[0].Offset);
        return true;
    }

    /// <summary>Each record is handled, up to the first of its key that fails.</summary>
    private void Handle(SimAssignment assignment, WorkBatch<SimDelivery> batch)
    {
        var failed = new HashSet<KeyChain<SimDelivery>>();

        for (var index = 0; index < batch.Count; index++)
        {
            var record = batch[index].Record.Record;

            if (failed.Contains(batch.ChainOf(index)))
            {
                batch.SetNotDone(index, world.Mutation == DispatchMutation.InnocentsFailToo ? WorkOutcome.Failed : WorkOutcome.Untried, batch[index].Record);
            }
            else if (!world.IsCalm && ((record.IsPoison && batch.Purpose == WorkPurpose.Handle) || random.Chance(profile.Failure)))
            {
                world.Count(DispatchHappening.FailedInABatch, batch.Count > 1);
                failed.Add(batch.ChainOf(index));
                Fail(assignment, batch, index);
            }
            else
            {
                assignment.Partition.Handled.Add(record.Offset);
                assignment.Done.Add(record.Offset);

                if (world.Mutation == DispatchMutation.InnocentsFailToo && failed.Count > 0)
                {
                    assignment.Done.Remove(record.Offset);
                    batch.SetNotDone(index, WorkOutcome.Failed, batch[index].Record);
                }
            }
        }
    }

    private void Fail(SimAssignment assignment, WorkBatch<SimDelivery> batch, int index)
    {
        var offset = batch[index].Offset;
        var isAgain = assignment.FailedSince.ContainsKey(offset) && batch.Purpose == WorkPurpose.Handle && random.Chance(80);

        if (!isAgain)
        {
            assignment.FailedSince[offset] = world.Now;
        }

        world.Count(DispatchHappening.FailedAtSomethingElse, !isAgain && assignment.FailedLast.ContainsKey(offset));
        assignment.FailedLast[offset] = world.Now;
        Failed(batch, index, !isAgain && random.Chance(5) ? WorkOutcome.FailedForGood : isAgain ? WorkOutcome.FailedAgain : WorkOutcome.Failed);
    }

    private void Failed(WorkBatch<SimDelivery> batch, int index, WorkOutcome outcome)
    {
        world.Count(outcome switch
        {
            WorkOutcome.FailedAgain => DispatchHappening.FailedAgain,
            WorkOutcome.FailedForGood => DispatchHappening.FailedForGood,
            _ => DispatchHappening.Failed,
        });

        var told = world.Mutation switch
        {
            DispatchMutation.FailureIsDone => WorkOutcome.Done,
            DispatchMutation.FailureIsTriedAtOnce => WorkOutcome.Untried,
            DispatchMutation.PatienceIsEndless => WorkOutcome.Failed,
            _ => outcome,
        };

        if (told != WorkOutcome.Done)
        {
            batch.SetNotDone(index, told, batch[index].Record);
        }

        if (world.Mutation == DispatchMutation.OtherKeysAreDropped)
        {
            batch.Partition.Stop();
        }
    }

    private void NotDone(WorkBatch<SimDelivery> batch, bool isCompleted)
    {
        for (var index = 0; index < batch.Count && !isCompleted; index++)
        {
            batch.SetNotDone(index, WorkOutcome.Untried, batch[index].Record);
        }

        GiveBack(batch);
    }

    private void GiveBack(WorkBatch<SimDelivery> batch)
    {
        if (world.Mutation == DispatchMutation.GivenOutIsDone)
        {
            return;
        }

        var (partition, wasStopped) = (batch.Partition, batch.Partition.StoppedAt is not null);

        if (!batch.IsDone)
        {
            Dispatch.Advance(world.Now);
        }

        world.Count(DispatchHappening.DoneLate, !Dispatch.Return(batch));
        world.Count(DispatchHappening.StoppedAtAFailure, !wasStopped && partition.StoppedAt is not null);
    }

    private void Commit(SimAssignment assignment)
    {
        var next = world.Mutation == DispatchMutation.StopDropsTheCommit && assignment.IsQuiet
            ? assignment.Partition.End
            : assignment.Dispatch.Committable;

        if (next is { } offset && offset > assignment.Partition.Committed)
        {
            world.Commit(assignment, offset);
        }
    }

    private void Announce()
    {
        if (Dispatch.TryStartWorker())
        {
            _launched++;
        }
    }

    private void Resume()
    {
        foreach (var assignment in Assignments.Where(one => one.Dispatch.IsPaused && world.Mutation != DispatchMutation.PausedStaysPaused))
        {
            if (assignment.Dispatch.TryResume())
            {
                world.Count(DispatchHappening.Resumed);
            }
        }
    }

    private static DispatchSettings SettingsOf(DispatchMutation mutation, DispatchSettings settings) => mutation switch
    {
        DispatchMutation.ParkedIsUnbounded => settings with { Parking = settings.Parking with { MaxRecords = int.MaxValue, MaxBytes = long.MaxValue } },
        DispatchMutation.SpanIsIgnored => settings with { MaxUncommitted = int.MaxValue },
        _ => settings,
    };
}
