namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>An event that waits to be sent: a row of the table <see cref="MessagingTables.Outbox"/>, gone once the broker has acknowledged it.</summary>
public sealed class OutboxRow : OutboxMessage
{
    /// <summary>
    /// Gets the row's number, drawn by the database while the transaction holds the lock of <see cref="OutboxMessage.Bucket"/>: within a bucket, rows become
    /// visible in the order of their numbers.
    /// </summary>
    public long Id { get; init; }
}
