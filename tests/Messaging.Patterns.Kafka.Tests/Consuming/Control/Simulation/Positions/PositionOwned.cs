using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Kafka.Consuming.Control;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation.Positions;

/// <summary>The partition as a member has it: one assignment.</summary>
internal sealed class PositionOwned(PartitionControl control, PartitionPosition position, long? committed)
{
    public PartitionControl Control { get; } = control;

    public PartitionPosition Position { get; } = position;

    public PartitionOffsets Offsets { get; set; } = PartitionOffsets.At(committed);

    public long? Committed => Offsets.Position;

    /// <summary>Gets or sets what is given out, while something is.</summary>
    public PositionRun? Run { get; set; }

    /// <summary>Gets or sets the request that is under way.</summary>
    public SimRequest? Request { get; set; }

    public bool IsLookedAt { get; set; }

    public bool IsEndKnown { get; set; }

    public bool IsQuiescing { get; set; }

    public bool IsStopped { get; set; }

    /// <summary>Gets or sets the epoch for which this member has set the position in the database.</summary>
    public long SetFor { get; set; } = -1;

    /// <summary>Gets or sets the epoch for which this member has committed it, too.</summary>
    public long CommittedFor { get; set; } = -1;

    public void Found(StoredPosition? stored)
    {
        Position.Found(stored);
        Offsets = Offsets with { Position = Position.From(Committed) };
    }
}

/// <summary>Something that is asked of the database, or of the control topic: what it does there, when it gets there, and what follows on the member's side.</summary>
/// <param name="TryApply">Returns whether it is done there.</param>
/// <param name="Then">What follows when the answer comes.</param>
internal sealed record SimRequest(Func<bool> TryApply, Action Then)
{
    public bool IsApplied { get; set; }
}

/// <summary>What is given out of the partition between two stops: a generation.</summary>
internal sealed class PositionRun(long epoch, long start)
{
    public long Epoch { get; } = epoch;

    public long Next { get; set; } = start;

    public List<SimHandling> Handling { get; } = [];

    public HashSet<long> Done { get; } = [];

    public long Start { get; } = start;

    public long Followed { get; set; } = -1;

    /// <summary>Returns up to where everything is done; <see langword="null"/> while that is not known: nothing is done yet, and there is something to do.</summary>
    public long? FindCommittable(long end)
    {
        var next = Enumerable.Range(0, int.MaxValue).Select(offset => Start + offset).First(offset => !Done.Contains(offset));
        return next > Start || next >= end ? next : null;
    }
}
