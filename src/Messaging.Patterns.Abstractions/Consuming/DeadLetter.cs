namespace Messaging.Patterns.Consuming;

/// <summary>An event that a consumer group set aside because it could not be handled, with its record as it was.</summary>
public sealed record DeadLetter
{
    /// <summary>Gets what tells the dead letter from others of its group.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the consumer group that could not handle it.</summary>
    public required string Group { get; init; }

    /// <summary>Gets the topic that the record came from.</summary>
    public required string Topic { get; init; }

    /// <summary>Gets the partition.</summary>
    public required int Partition { get; init; }

    /// <summary>Gets the offset.</summary>
    public required long Offset { get; init; }

    /// <summary>Gets the place of the event within its record, 0 for the first; <see langword="null"/> if the record could not be read, so that all of it was set aside.</summary>
    public int? Index { get; init; }

    /// <summary>Gets the event's version in its stream, 0 when it was published without one or could not be read.</summary>
    public long Version { get; init; }

    /// <summary>Gets the group's rewind epoch in which it failed, 0 before the first rewind.</summary>
    public long Epoch { get; init; }

    /// <summary>Gets the record's own time.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>Gets the record's key; <see langword="null"/> when it has none.</summary>
    public ReadOnlyMemory<byte>? Key { get; init; }

    /// <summary>Gets the record's value, byte by byte; <see langword="null"/> when it has none.</summary>
    public ReadOnlyMemory<byte>? Value { get; init; }

    /// <summary>Gets the record's headers in their order, without those that say why it failed; the value is empty where a header has none.</summary>
    public IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> Headers { get; init; } = [];

    /// <summary>Gets how often the event was handed over before it was set aside.</summary>
    public required int Attempts { get; init; }

    /// <summary>Gets the type of the exception of the last attempt.</summary>
    public required string ExceptionType { get; init; }

    /// <summary>Gets the message of that exception, at most 4,000 characters of it.</summary>
    public required string ExceptionMessage { get; init; }

    /// <summary>Gets when it was set aside.</summary>
    public required DateTimeOffset FailedAt { get; init; }

    /// <summary>Gets when it was replayed; <see langword="null"/> if it was not yet.</summary>
    public DateTimeOffset? ReplayedAt { get; init; }
}
