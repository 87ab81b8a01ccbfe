namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>An event that can never be sent as it is: a row of the table <see cref="MessagingTables.ParkedOutbox"/>. Later events of its key wait in the outbox, or follow.</summary>
public sealed class ParkedOutboxRow : OutboxMessage
{
    /// <summary>Gets the number that the event had as <see cref="OutboxRow"/>: the order within its key.</summary>
    public required long Id { get; init; }

    /// <summary>Gets the time, in UTC, at which it was parked.</summary>
    public required DateTime ParkedAt { get; init; }

    /// <summary>Gets why it could not be sent, as far as it is known.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets how many times it was tried.</summary>
    public required int Attempts { get; init; }
}
