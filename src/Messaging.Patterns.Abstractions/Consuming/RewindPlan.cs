namespace Messaging.Patterns.Consuming;

/// <summary>What a rewind would do: resolved once for all partitions, and nothing done yet.</summary>
/// <param name="Group">The group.</param>
/// <param name="Partitions">Its partitions.</param>
public sealed record RewindPlan(string Group, IReadOnlyList<PlannedRewind> Partitions)
{
    /// <summary>Gets how many records are handled again; of compacted topics at most.</summary>
    public long Repeated => Partitions.Sum(partition => Math.Max(0, partition.Committed - partition.Target));

    /// <summary>Gets how many records are passed over; of compacted topics at most.</summary>
    public long PassedOver => Partitions.Sum(partition => Math.Max(0, partition.Target - partition.Committed));
}
