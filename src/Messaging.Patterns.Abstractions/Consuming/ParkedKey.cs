namespace Messaging.Patterns.Consuming;

/// <summary>A key whose event failed in a consumer group: it and all later events of the key wait, while other keys go on.</summary>
public sealed record ParkedKey
{
    /// <summary>Gets the consumer group.</summary>
    public required string Group { get; init; }

    /// <summary>Gets the topic.</summary>
    public required string Topic { get; init; }

    /// <summary>Gets the partition.</summary>
    public required int Partition { get; init; }

    /// <summary>Gets the offset of the record that failed. The group's commit does not get past it.</summary>
    public required long Offset { get; init; }

    /// <summary>Gets the key; empty when the records have none.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>Gets since when its event fails.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Gets how often the event was handed over.</summary>
    public required int Attempts { get; init; }

    /// <summary>Gets when it is tried again; <see langword="null"/> when that is under way or about to be.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>Gets how many records of the key are in memory, the one that failed included.</summary>
    public required int Events { get; init; }

    /// <summary>Gets the type of the last exception.</summary>
    public required string ExceptionType { get; init; }

    /// <summary>Gets the message of the last exception.</summary>
    public required string ExceptionMessage { get; init; }
}
