namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>How far a consumer group with an inbox has got in a partition, and the rewind that holds there: a row of the table <see cref="MessagingTables.InboxPositions"/>.</summary>
public sealed class InboxPositionRow
{
    /// <summary>Gets the consumer group.</summary>
    public required string Group { get; init; }

    /// <summary>Gets the topic.</summary>
    public required string Topic { get; init; }

    /// <summary>Gets the partition's number.</summary>
    public required int Partition { get; init; }

    /// <summary>Gets the offset of the record that is handled next, or of which some events are handled; everything before it is. -1 if nothing is known.</summary>
    public required long Next { get; init; }

    /// <summary>Gets how many events of that record are handled. 0 where each event is written down.</summary>
    public int NextIndex { get; init; }

    /// <summary>Gets the epoch of the last rewind, 0 if there was none.</summary>
    public required long Epoch { get; init; }
}
