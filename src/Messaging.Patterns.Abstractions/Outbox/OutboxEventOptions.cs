namespace Messaging.Patterns.Outbox;

/// <summary>Where and when one event goes, other than its route says.</summary>
public sealed record OutboxEventOptions
{
    /// <summary>Gets the event's key.</summary>
    /// <value>The default is <see langword="null"/>: the key that the route gives.</value>
    public string? Key { get; init; }

    /// <summary>Gets headers of the record, beside <c>content-type</c>.</summary>
    /// <value>The default is none.</value>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Gets the time before which the event is not published, by the clock of the database. It takes its place in the order of its key when it is due.</summary>
    /// <value>The default is <see langword="null"/>: it is published as soon as the transaction has committed.</value>
    public DateTimeOffset? NotBefore { get; init; }
}
