using Messaging.Patterns.Outbox;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>An event that was sent: a row of the table <see cref="MessagingTables.SentOutbox"/>, where there is one, for as long as <see cref="OutboxRelayOptions.KeepSentFor"/> says.</summary>
public sealed class SentOutboxRow : OutboxMessage
{
    /// <summary>Gets the number that the event had as <see cref="OutboxRow"/>: the order within its key.</summary>
    public required long Id { get; init; }

    /// <summary>Gets the time, in UTC by the clock of the database, at which it was moved here, after the broker had acknowledged it. On SQLite the clock is the relay's.</summary>
    public required DateTime SentAt { get; init; }
}
