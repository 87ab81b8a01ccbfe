using Confluent.Kafka;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>Where a group is in a partition.</summary>
/// <param name="Id">The partition.</param>
/// <param name="Committed">What is committed; <see langword="null"/> for nothing.</param>
/// <param name="First">The first offset that the partition holds.</param>
/// <param name="End">Where it ends.</param>
internal sealed record GroupPlace(TopicPartition Id, long? Committed, long First, long End)
{
    /// <summary>Gets the offset from which the group goes on.</summary>
    public long Next => Math.Max(First, Committed ?? 0);
}
