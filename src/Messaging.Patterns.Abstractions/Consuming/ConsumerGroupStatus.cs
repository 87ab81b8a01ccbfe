namespace Messaging.Patterns.Consuming;

/// <summary>How a consumer group stands: where each of its partitions is, who has it, and what waits.</summary>
/// <param name="Group">The group.</param>
/// <param name="Partitions">Its partitions, by topic and number.</param>
public sealed record ConsumerGroupStatus(string Group, IReadOnlyList<GroupPartitionStatus> Partitions)
{
    /// <summary>Gets the instances that have partitions, in the order of their names. One without a partition is not among them.</summary>
    public IReadOnlyList<ConsumerGroupMember> Members =>
    [
        .. Partitions.Where(partition => partition.Owner is not null)
            .GroupBy(partition => partition.Owner!, StringComparer.Ordinal)
            .OrderBy(owned => owned.Key, StringComparer.Ordinal)
            .Select(owned => new ConsumerGroupMember(owned.Key, [.. owned])),
    ];

    /// <summary>Gets how many records are not committed, over all partitions; of compacted topics at most.</summary>
    public long Lag => Partitions.Sum(partition => partition.Lag);

    /// <summary>Gets the largest of the partitions' <see cref="GroupPartitionStatus.LagTime"/>, as far as they are known; zero if nothing waits.</summary>
    public TimeSpan LagTime => Partitions.Max(partition => partition.LagTime) ?? TimeSpan.Zero;

    /// <summary>Gets the keys that stand still because an event of theirs failed, those that failed first in front.</summary>
    public IReadOnlyList<ParkedKey> Parked => [.. Partitions.SelectMany(partition => partition.Parked).OrderBy(parked => parked.Since)];
}
