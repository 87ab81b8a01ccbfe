namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>What an order is for: a partition, as one group reads it.</summary>
/// <param name="Group">The group.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition's number.</param>
internal readonly record struct ControlledPartition(string Group, string Topic, int Partition);
