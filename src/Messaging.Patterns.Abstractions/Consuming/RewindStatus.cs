namespace Messaging.Patterns.Consuming;

/// <summary>How far a rewind, or another order to a group, is carried out.</summary>
/// <param name="Operation">The id of the order.</param>
/// <param name="Group">The group.</param>
/// <param name="Partitions">The partitions of which it was asked.</param>
public sealed record RewindStatus(string Operation, string Group, IReadOnlyList<RewoundPartition> Partitions)
{
    /// <summary>Gets whether every partition has carried it out, or refused it.</summary>
    public bool IsDone => Partitions.All(partition => partition.State != RewindState.Asked);
}
