using System.Globalization;
using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation;

/// <summary>What the members of a simulated group meet: brokers, the control topic, a projection; and what is checked of everything that they do.</summary>
internal sealed class RewindWorld(SimRandom random, bool isTraced)
{
    public SimControlTopic Topic { get; } = new();

    /// <summary>Gets whether the position is kept by the projection; else it is the group's commit.</summary>
    public bool HasProjection { get; } = random.Chance(40);

    /// <summary>Gets or sets whether nothing goes wrong any more.</summary>
    public bool IsCalm { get; set; }

    public List<(RewindInvariant Invariant, string Text)> Violations { get; } = [];

    public List<string> Trace { get; } = [];

    public HashSet<RewindHappening> Happenings { get; } = [];

    public void Count(RewindHappening happening, bool happened = true)
    {
        if (happened)
        {
            Happenings.Add(happening);
        }
    }

    public void Violate(RewindInvariant invariant, SimOwned owned, FormattableString text)
    {
        Note(owned, text);
        Violations.Add((invariant, $"partition {owned.Partition.Id.Partition}: {text.ToString(CultureInfo.InvariantCulture)}"));
    }

    /// <summary>A commit reaches the brokers. They check that who sends it is a member, not that it has the partition.</summary>
    public void Commit(SimOwned owned, long next)
    {
        var partition = owned.Partition;

        if (!owned.Member.IsMember)
        {
            Count(RewindHappening.CommitOfAnExpelled);
            return;
        }

        Note(owned, $"commits {next}");
        (partition.Committed, owned.Committed) = (next, next);
        var open = Enumerable.Range(0, (int)next).FirstOrDefault(offset => offset >= partition.Set.Target && !IsHandled(partition, offset), -1);

        if (open >= 0)
        {
            Violate(RewindInvariant.CommitNotAhead, owned, $"commits {next}, and {open} is not handled since {partition.Set}");
        }
    }

    /// <summary>A member sets the position, where it is kept. Returns whether it knows that it is set.</summary>
    public bool TrySetPosition(SimOwned owned, ControlStep.SetPosition step)
    {
        var partition = owned.Partition;

        if (HasProjection)
        {
            if (!partition.Projection.Rewind(step.Target, step.Epoch))
            {
                Count(RewindHappening.SetAgainByTheNextOwner);
                return true;
            }
        }
        else if (!owned.Member.IsMember)
        {
            return false;
        }
        else
        {
            Count(RewindHappening.SetAgainByTheNextOwner, partition.Set.Epoch == step.Epoch);
            partition.Committed = step.Target;
        }

        Note(owned, $"is set to {step}");
        Count(RewindHappening.Rewound);
        partition.Set = (step.Epoch, step.Target);
        partition.HasJumped |= Enumerable.Range(0, (int)step.Target).Any(offset => !partition.Handled.ContainsKey(offset));

        if (partition.Begun.Contains(step.Epoch))
        {
            Violate(RewindInvariant.RewoundOnce, owned, $"is set once more: {step}");
        }

        var isInDoubt = !IsCalm && random.Chance(10);
        Count(RewindHappening.CommitInDoubt, isInDoubt);
        return !isInDoubt;
    }

    public void Acknowledge(SimOwned owned, ControlStep.Acknowledge step)
    {
        Note(owned, $"acknowledges {step.Entry}");
        Count(RewindHappening.AcknowledgedLate, !owned.IsOwner);

        if (step.Entry.Rewound > owned.Partition.Set.Epoch)
        {
            Violate(RewindInvariant.SetBeforeAcknowledged, owned, $"acknowledges {step.Entry}, set for {owned.Partition.Set}");
        }

        Topic.Append(owned.Partition.Id, step.Entry);
    }

    /// <summary>A handler begins with an event.</summary>
    public void Begun(SimOwned owned, SimRun run, long offset)
    {
        Note(owned, $"begins {offset} in epoch {run.Begin.Epoch}");
        var all = Orders(owned.Partition, Topic.End);

        // One that compaction removed, since a newer one came meanwhile, is carried out with the newer one.
        if (all.Rewind is { } rewind && rewind.Epoch < owned.Since && run.Begin.Epoch < rewind.Epoch)
        {
            Violate(RewindInvariant.NothingBehindAnOrder, owned, $"begins {offset} in epoch {run.Begin.Epoch} though it came after {rewind.Epoch}");
        }

        var isReplay = offset < run.Begin.ReplayUntil;
        Count(RewindHappening.Replayed, isReplay);

        if (isReplay && !owned.Partition.Handled.ContainsKey(offset) && !owned.Partition.Skipped.Contains(offset) && !owned.Partition.HasJumped)
        {
            Violate(RewindInvariant.ReplayMarked, owned, $"{offset} was never handled and is a replay until {run.Begin.ReplayUntil}");
        }

        if (!owned.IsOwner)
        {
            return;
        }

        owned.Partition.Begun.Add(run.Begin.Epoch);

        if (all.Pause is { Order.IsPaused: true } pause && run.Begin.Seen >= pause.Epoch)
        {
            Violate(RewindInvariant.PauseHolds, owned, $"begins {offset} though it rests since {pause.Epoch}");
        }

        if (owned.Partition.Orders.Exists(one => one.Order is ControlEntry.Skip skip && skip.Offset == offset && one.Epoch > (all.Rewind?.Epoch ?? -1) && one.Epoch <= run.Begin.Seen))
        {
            Violate(RewindInvariant.SkipHolds, owned, $"begins {offset}, which is to be passed over");
        }
    }

    /// <summary>A handler applies an event to the projection, in one transaction. Returns whether it is done.</summary>
    public bool Apply(SimOwned owned, SimRun run, long offset)
    {
        var projection = owned.Partition.Projection;
        var (position, epoch) = (projection.Position, projection.Epoch);
        var isNew = projection.Apply(offset, run.Begin.Epoch);
        Count(RewindHappening.ProjectionRefused, isNew is null);

        if (isNew == true && (offset != position || run.Begin.Epoch != epoch))
        {
            Violate(RewindInvariant.ProjectionExact, owned, $"applies {offset} of epoch {run.Begin.Epoch} at {position} of epoch {epoch}");
        }

        return isNew is not null;
    }

    /// <summary>Returns whether an event was handled since the last rewind, or is to be passed over.</summary>
    public static bool IsHandled(SimControlled partition, long offset) =>
        partition.Skipped.Contains(offset) || partition.Handled.GetValueOrDefault(offset, -2) >= partition.Set.Epoch;

    /// <summary>Returns what was ordered before an offset of the control topic, compacted or not.</summary>
    public static PartitionOrders Orders(SimControlled partition, long before)
    {
        var orders = new PartitionOrders();

        foreach (var (offset, entry) in partition.Orders.Where(order => order.Epoch < before))
        {
            orders.Apply(offset, entry);
        }

        return orders;
    }

    /// <summary>Returns what the control topic says of a partition.</summary>
    public PartitionOrders Log(SimControlled partition)
    {
        var orders = new PartitionOrders();

        for (var record = Topic.Find(0); record is not null; record = Topic.Find(record.Offset + 1))
        {
            if (record.Partition == partition.Id)
            {
                orders.Apply(record.Offset, record.Entry);
            }
        }

        return orders;
    }

    public void Note(SimOwned? owned, FormattableString text)
    {
        if (isTraced)
        {
            var who = owned is null ? "" : FormattableString.Invariant($"member {owned.Member.Number}, partition {owned.Partition.Id.Partition}{(owned.IsOwner ? "" : " (not its owner)")} ");
            Trace.Add(who + text.ToString(CultureInfo.InvariantCulture));
        }
    }
}
