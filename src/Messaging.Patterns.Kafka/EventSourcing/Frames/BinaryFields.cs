namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Walks over fields: a tag, a length, that many bytes. Tags never descend, so what a reader does not know lies behind what it knows.</summary>
internal ref struct BinaryFields(ReadOnlySpan<byte> bytes)
{
    private const int MaxLengthBytes = 5;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _next;

    /// <summary>Gets the tag of the field.</summary>
    public byte Tag { get; private set; }

    /// <summary>Gets the bytes of the field.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Gets where the next field begins.</summary>
    public readonly int Next => _next;

    /// <summary>Gets whether nothing follows.</summary>
    public readonly bool IsAtEnd => _next == _bytes.Length;

    /// <summary>Takes the next byte if it is the one that ends fields in front of other bytes.</summary>
    public bool TryReadEnd()
    {
        if (_next >= _bytes.Length || _bytes[_next] != BinaryFrameFormat.EventField.End)
        {
            return false;
        }

        _next++;
        return true;
    }

    /// <summary>Reads the next field; <see langword="false"/> if it does not fit, or breaks the order.</summary>
    public bool TryRead()
    {
        if (_next >= _bytes.Length || _bytes[_next] is 0 || _bytes[_next] < Tag)
        {
            return false;
        }

        Tag = _bytes[_next++];

        if (!TryReadLength(out var length) || length > _bytes.Length - _next)
        {
            return false;
        }

        Value = _bytes.Slice(_next, length);
        _next += length;
        return true;
    }

    /// <summary>Returns how many bytes a length takes.</summary>
    public static int SizeOfLength(int length)
    {
        var size = 1;

        while ((length >>= 7) > 0)
        {
            size++;
        }

        return size;
    }

    /// <summary>Writes a length: seven bits a byte, the lowest first, the top bit set on all but the last.</summary>
    public static int WriteLength(Span<byte> bytes, int length)
    {
        var size = 0;

        for (; length > 0x7F; length >>= 7)
        {
            bytes[size++] = (byte)(length | 0x80);
        }

        bytes[size++] = (byte)length;
        return size;
    }

    private bool TryReadLength(out int length)
    {
        var value = 0UL;

        for (var index = 0; index < MaxLengthBytes && _next < _bytes.Length; index++)
        {
            var part = _bytes[_next++];
            value |= (ulong)(part & 0x7F) << (7 * index);

            if (part < 0x80)
            {
                length = (int)Math.Min(value, int.MaxValue);
                return value <= int.MaxValue;
            }
        }

        length = 0;
        return false;
    }
}
