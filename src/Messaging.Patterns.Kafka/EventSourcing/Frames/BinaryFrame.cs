using System.Buffers.Binary;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>An append in layout <c>binary</c>, serialized once; version and base, which are chosen late and again after a lost race, have fixed places.</summary>
internal sealed class BinaryFrame(byte[] bytes, int count) : IFrameBytes
{
    private int _isTaken;
    private long _firstVersion;
    private long _base;
    private volatile bool _isBuilt;

    public int Count => count;

    public int Size => bytes.Length;

    /// <summary>Returns the record's value. The array given to the first who asks is the one that was serialized into; it must not be changed, nor is it here.</summary>
    public byte[] Build(long firstVersion, long @base)
    {
        if (Interlocked.Exchange(ref _isTaken, 1) == 0)
        {
            // As a rule there is one version and one base, so one array in all.
            Write(bytes, firstVersion, @base);
            (_firstVersion, _base) = (firstVersion, @base);
            _isBuilt = true;
            return bytes;
        }

        if (_isBuilt && _firstVersion == firstVersion && _base == @base)
        {
            return bytes;
        }

        // Somebody else's version may be written into the array at this moment; here it is replaced.
        var copy = bytes.AsSpan().ToArray();
        Write(copy, firstVersion, @base);
        return copy;
    }

    private static void Write(byte[] bytes, long firstVersion, long @base)
    {
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(BinaryFrameFormat.FirstVersionAt), firstVersion);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(BinaryFrameFormat.BaseAt), @base);
    }
}
