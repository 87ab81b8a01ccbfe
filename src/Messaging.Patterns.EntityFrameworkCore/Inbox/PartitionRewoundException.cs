namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>A partition was rewound while an event of it was handled: what the handler did is rolled back, and the event is handled after the rewind, if that goes back behind it.</summary>
/// <param name="group">The consumer group.</param>
/// <param name="topic">The topic.</param>
/// <param name="partition">The partition's number.</param>
/// <param name="epoch">The epoch of the event.</param>
/// <param name="stored">The epoch that holds.</param>
public sealed class PartitionRewoundException(string group, string topic, int partition, long epoch, long stored) : MessagingException(
    $"An event of topic '{topic}', partition {partition}, was given to group '{group}' in epoch {epoch}, but epoch {stored} holds there: the partition was rewound, and belongs to whoever carried that out. "
    + "If this stays, an instance of the group runs without AddConsumerGroupControl(), or rows of the inbox's tables were changed by hand.")
{
    /// <summary>Gets the epoch of the event.</summary>
    public long Epoch { get; } = epoch;

    /// <summary>Gets the epoch that holds.</summary>
    public long Stored { get; } = stored;
}
