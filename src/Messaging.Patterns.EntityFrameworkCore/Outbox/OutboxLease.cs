namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>Who sends the events of a range of buckets: a row of the table <see cref="MessagingTables.OutboxLeases"/>.</summary>
public sealed class OutboxLease
{
    /// <summary>Gets the number of the range.</summary>
    public required int Slot { get; init; }

    /// <summary>Gets or sets the relay that holds the lease, or <see langword="null"/>.</summary>
    public string? Owner { get; set; }

    /// <summary>Gets or sets the fencing token, raised whenever the lease changes hands: what is done under an older token has no effect.</summary>
    public long Token { get; set; }

    /// <summary>Gets or sets the time, in UTC by the clock of the database, at which the lease ends unless it is renewed.</summary>
    public DateTime? ExpiresAt { get; set; }
}
