using Messaging.Patterns.Kafka.Consuming.Control;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation;

/// <summary>A partition as a member has it: one assignment.</summary>
internal sealed class SimOwned(RewindMember member, SimControlled partition, PartitionControl control, long since)
{
    public RewindMember Member { get; } = member;

    public SimControlled Partition { get; } = partition;

    public PartitionControl Control { get; } = control;

    public PartitionPosition? Position { get; init; }

    /// <summary>Gets where the control topic ended when the partition came.</summary>
    public long Since { get; } = since;

    /// <summary>Gets or sets what is given out, while something is.</summary>
    public SimRun? Run { get; set; }

    /// <summary>Gets or sets what was given out last, for mutants that forget that it is over.</summary>
    public SimRun? Last { get; set; }

    public bool IsQuiescing { get; set; }

    public bool IsAcknowledging { get; set; }

    /// <summary>Gets or sets the epoch for which this member has set the position and knows it.</summary>
    public long SetFor { get; set; } = -1;

    public bool HasLeft { get; set; }

    /// <summary>Gets or sets the offset that the member knows as committed.</summary>
    public long Committed { get; set; }

    /// <summary>Gets whether the brokers take this member for the partition's owner.</summary>
    public bool IsOwner => Partition.Owner == this;
}

/// <summary>What is given out of a partition between two stops: a generation.</summary>
internal sealed class SimRun(ControlStep.Begin begin, long start)
{
    public ControlStep.Begin Begin { get; } = begin;

    public long Start { get; } = start;

    public long Next { get; set; } = start;

    public List<long> Handling { get; } = [];

    public HashSet<long> Done { get; } = [];

    public bool HasFailed { get; set; }

    /// <summary>Gets up to where everything is done.</summary>
    public long Committable
    {
        get
        {
            var next = Start;

            while (Done.Contains(next))
            {
                next++;
            }

            return next;
        }
    }
}

/// <summary>A partition of the topic: its events, the group's commit, its owner as the brokers know it, and what happened.</summary>
internal sealed class SimControlled(ControlledPartition id)
{
    public ControlledPartition Id { get; } = id;

    public long End { get; set; }

    public long Committed { get; set; }

    public SimOwned? Owner { get; set; }

    public SimProjection Projection { get; } = new();

    /// <summary>Gets or sets the newest epoch for which the position was set, and to what.</summary>
    public (long Epoch, long Target) Set { get; set; } = (-1, 0);

    /// <summary>Gets the epochs of which an owner gave something out.</summary>
    public HashSet<long> Begun { get; } = [];

    /// <summary>Gets the newest epoch in which each event was handled.</summary>
    public Dictionary<long, long> Handled { get; } = [];

    /// <summary>Gets the records that somebody asked to pass over, whenever that was.</summary>
    public HashSet<long> Skipped { get; } = [];

    /// <summary>Gets every order, also those that compaction has removed.</summary>
    public List<(long Epoch, ControlEntry.Order Order)> Orders { get; } = [];

    /// <summary>Gets or sets whether a rewind jumped ahead: what it passed over counts as handled.</summary>
    public bool HasJumped { get; set; }
}
