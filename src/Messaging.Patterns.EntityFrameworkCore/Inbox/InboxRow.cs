namespace Messaging.Patterns.EntityFrameworkCore.Inbox;

/// <summary>An event that a consumer group has handled: a row of the table <see cref="MessagingTables.Inbox"/>, written in the transaction of its handlers and deleted after some days.</summary>
public sealed class InboxRow
{
    /// <summary>Gets the consumer group.</summary>
    public required string Group { get; init; }

    /// <summary>Gets the event's CloudEvents source.</summary>
    public required string Source { get; init; }

    /// <summary>Gets the event's id, unique within its source.</summary>
    public required string EventId { get; init; }

    /// <summary>Gets the topic of the record that the event was handled from.</summary>
    public required string Topic { get; init; }

    /// <summary>Gets that record's partition.</summary>
    public required int Partition { get; init; }

    /// <summary>Gets that record's offset.</summary>
    public required long Offset { get; init; }

    /// <summary>Gets the place of the event within that record, 0 for the first.</summary>
    public required int FrameIndex { get; init; }

    /// <summary>Gets the epoch of the rewind after which it was handled, 0 if there was none.</summary>
    public required long Epoch { get; init; }

    /// <summary>Gets the time, in UTC by the clock of the instance, at which it was handled.</summary>
    public required DateTime HandledAt { get; init; }
}
