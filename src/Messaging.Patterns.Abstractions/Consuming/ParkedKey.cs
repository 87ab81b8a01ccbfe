namespace Messaging.Patterns.Consuming;

/// <summary>A key whose event failed in a consumer group: it and all later events of the key wait, in memory or in a retry topic, while other keys go on.</summary>
public sealed record ParkedKey
{
    /// <summary>Gets the consumer group.</summary>
    public required string Group { get; init; }

    /// <summary>Gets the topic.</summary>
    public required string Topic { get; init; }

    /// <summary>Gets the partition.</summary>
    public required int Partition { get; init; }

    /// <summary>Gets whether the events wait in a retry topic, from which they are handled. Then they do not hold the group's commit back.</summary>
    public bool IsRedirected { get; init; }

    /// <summary>Gets the offset of the record that failed, or is tried next. The group's commit does not get past it, unless the key is redirected.</summary>
    public required long Offset { get; init; }

    /// <summary>Gets the key; empty when the records have none.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>Gets since when its event fails; of a redirected key, as far as this process knows.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Gets how often the event was handed over; of a redirected key, since it is redirected and as far as this process knows.</summary>
    public required int Attempts { get; init; }

    /// <summary>Gets when it is tried again; <see langword="null"/> when that is under way or about to be.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>Gets how many records of the key wait, the one that failed included.</summary>
    public required int Events { get; init; }

    /// <summary>Gets the type of the last exception; empty for a redirected key that was not tried yet by this process.</summary>
    public required string ExceptionType { get; init; }

    /// <summary>Gets the message of the last exception; empty for such a key.</summary>
    public required string ExceptionMessage { get; init; }
}
