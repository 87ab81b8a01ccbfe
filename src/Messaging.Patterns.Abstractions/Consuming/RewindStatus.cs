namespace Messaging.Patterns.Consuming;

/// <summary>How far a rewind, or another order to a group, is carried out.</summary>
/// <param name="Operation">The id of the order.</param>
/// <param name="Group">The group.</param>
/// <param name="Partitions">The partitions of which it was asked.</param>
public sealed record RewindStatus(string Operation, string Group, IReadOnlyList<RewoundPartition> Partitions)
{
    /// <summary>Gets whether every partition has carried it out, or refused it.</summary>
    public bool IsDone => Partitions.All(partition => partition.State != RewindState.Asked);

    /// <summary>Gets which part of what was to be handled again is committed, from 0 to 1, over the partitions that did not refuse; 1 if there is none.</summary>
    public double Progress
    {
        get
        {
            var meant = Partitions.Where(partition => partition.State != RewindState.Refused).ToList();
            var size = meant.Sum(SizeOf);
            return meant.Count == 0 ? 1 : meant.Sum(partition => partition.Progress * SizeOf(partition)) / size;
        }
    }

    // A partition with nothing to repeat counts too, as long as it has not carried out the order.
    private static double SizeOf(RewoundPartition partition) => Math.Max(1, partition.Until - partition.Target);
}
