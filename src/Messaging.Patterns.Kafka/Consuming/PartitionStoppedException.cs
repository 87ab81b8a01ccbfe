namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Why a partition of a consumer group stopped.</summary>
internal sealed class PartitionStoppedException(string group, string topic, int partition, long? offset, string reason, Exception? inner = null)
    : MessagingException(
        $"Consumer group '{group}' has stopped topic '{topic}', partition {partition}{(offset is null ? "" : $", at offset {offset}")}: {reason.TrimEnd('.')}.", inner)
{
    /// <summary>Gets the offset that is not handled, where one is known.</summary>
    public long? Offset { get; } = offset;
}
