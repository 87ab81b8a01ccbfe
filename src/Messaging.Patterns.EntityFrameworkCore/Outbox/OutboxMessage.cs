namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>What the rows of the outbox's tables have in common: a record for a topic, complete as it will be sent.</summary>
public abstract class OutboxMessage
{
    private protected OutboxMessage()
    {
    }

    /// <summary>Gets the bucket of <see cref="Key"/>, 0 to 1023: what is locked while a number is drawn, and what relays divide among each other. See <see cref="KeyBucket"/>.</summary>
    public required int Bucket { get; init; }

    /// <summary>Gets the topic that the record is for.</summary>
    public required string Topic { get; init; }

    /// <summary>Gets the record's key: events of one key are sent in order.</summary>
    public required string Key { get; init; }

    /// <summary>Gets the record's value: a CloudEvent in structured JSON, or <see langword="null"/> for a tombstone.</summary>
    public required byte[]? Value { get; init; }

    /// <summary>Gets headers beside <c>content-type</c>, as a JSON object of strings, or <see langword="null"/> if there are none.</summary>
    public string? Headers { get; init; }

    /// <summary>Gets the W3C trace parent of who added the event, or <see langword="null"/>. It is in the value too.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Gets the time, in UTC by the clock of who added the event, at which it was added.</summary>
    public required DateTime CreatedAt { get; init; }
}
