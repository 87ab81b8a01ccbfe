namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>An event that is not due yet: a row of the table <see cref="MessagingTables.DelayedOutbox"/>, which becomes an <see cref="OutboxRow"/>, and takes its place in the order of its key, when it is.</summary>
public sealed class DelayedOutboxRow : OutboxMessage
{
    /// <summary>Gets the row's number.</summary>
    public long Id { get; init; }

    /// <summary>Gets the time, in UTC, before which the event is not sent; compared with the clock of the database.</summary>
    public required DateTime NotBefore { get; init; }
}
