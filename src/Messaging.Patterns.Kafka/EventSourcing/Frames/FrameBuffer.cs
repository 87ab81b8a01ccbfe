using System.Buffers;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Bytes that grow at their end and may be changed where they are. A thread uses its own again and again.</summary>
internal sealed class FrameBuffer : IBufferWriter<byte>
{
    private const int Initial = 1024;

    // Unless an append was very large.
    private const int KeepAtMost = 1 << 20;

    [ThreadStatic]
    private static FrameBuffer? _ofThread;

    private byte[] _bytes = new byte[Initial];

    /// <summary>Gets how many bytes were written.</summary>
    public int Count { get; private set; }

    /// <summary>Returns the buffer of this thread, empty.</summary>
    public static FrameBuffer Begin()
    {
        var buffer = _ofThread ??= new FrameBuffer();
        buffer.Count = 0;
        return buffer;
    }

    /// <summary>Returns a copy of what was written, in an array that is used again.</summary>
    public ArraySegment<byte> End(FrameBodies bodies)
    {
        var written = new ArraySegment<byte>(bodies.Take(Count), 0, Count);
        _bytes.AsSpan(0, Count).CopyTo(written);

        if (_bytes.Length > KeepAtMost)
        {
            _bytes = new byte[Initial];
        }

        return written;
    }

    /// <summary>Returns bytes that were written before, to be changed.</summary>
    public Span<byte> At(int start) => _bytes.AsSpan(start, Count - start);

    /// <summary>Appends a number of bytes, to be filled.</summary>
    public Span<byte> Add(int size)
    {
        var span = GetSpan(size)[..size];
        Count += size;
        return span;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - Count), nameof(count));
        Count += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Count);
    }

    private void Reserve(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);

        if (Math.Max(size, 1) is var needed && needed > _bytes.Length - Count)
        {
            Array.Resize(ref _bytes, Math.Max(checked(Count + needed), (int)Math.Min(2L * _bytes.Length, Array.MaxLength)));
        }
    }
}
