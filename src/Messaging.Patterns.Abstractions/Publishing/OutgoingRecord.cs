namespace Messaging.Patterns.Publishing;

/// <summary>A record to be produced as it is, by what has made its bytes already: an outbox, a connector, a copy of a topic.</summary>
/// <param name="Topic">The topic. It must exist.</param>
/// <param name="Key">The key, whose murmur2 hash decides the partition, as with Java's producer; <see langword="null"/> for a record without a key, which goes to any partition.</param>
/// <param name="Value">The value; <see langword="null"/> for a record without one, by which a compacted topic forgets the key.</param>
public sealed record OutgoingRecord(string Topic, ReadOnlyMemory<byte>? Key, ReadOnlyMemory<byte>? Value)
{
    /// <summary>Gets the headers, in their order.</summary>
    /// <value>The default is none.</value>
    public IReadOnlyList<RecordHeader> Headers { get; init; } = [];
}
