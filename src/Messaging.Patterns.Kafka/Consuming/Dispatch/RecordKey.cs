namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>The key of a record, compared by its bytes. Records without a key, or with an empty one, share the default.</summary>
internal readonly struct RecordKey : IEquatable<RecordKey>
{
    private readonly byte[]? _bytes;
    private readonly int _hash;

    public RecordKey(byte[]? bytes)
    {
        if (bytes is null or [])
        {
            return;
        }

        var hash = default(HashCode);
        hash.AddBytes(bytes);
        (_bytes, _hash) = (bytes, hash.ToHashCode());
    }

    /// <summary>Gets the bytes; <see langword="null"/> for records without a key.</summary>
    public byte[]? Bytes => _bytes;

    public bool Equals(RecordKey other) => _hash == other._hash && _bytes.AsSpan().SequenceEqual(other._bytes);

    public override bool Equals(object? obj) => obj is RecordKey other && Equals(other);

    public override int GetHashCode() => _hash;
}
