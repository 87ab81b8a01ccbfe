namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Arrays for the bytes of frames under way, used again and again.</summary>
/// <remarks>
/// Such an array lives until its append is accepted: with thousands under way the garbage collector would move each of them twice. These stay where they are.
/// Taken on callers' threads and given back on the producer's, so a pool per thread would only ever be filled or emptied.
/// </remarks>
internal sealed class FrameBodies
{
    private const int Smallest = 256;
    private const int Sizes = 5;

    // Enough for as many appends as may be under way and wait for the read store; what is beyond is left to the garbage collector.
    private const int KeptBytes = 32 << 20;

    private readonly Lock _gate = new();
    private readonly Stack<byte[]>[] _unused = [.. Enumerable.Range(0, Sizes).Select(_ => new Stack<byte[]>())];
    private long _kept;

    /// <summary>Returns an array of at least this many bytes.</summary>
    public byte[] Take(int bytes)
    {
        var size = SizeFor(bytes);

        if (size >= Sizes)
        {
            return new byte[bytes];
        }

        lock (_gate)
        {
            if (_unused[size].TryPop(out var unused))
            {
                _kept -= unused.Length;
                return unused;
            }
        }

        return new byte[Smallest << size];
    }

    /// <summary>Takes back an array that nobody looks at any more.</summary>
    public void GiveBack(byte[] body)
    {
        var size = SizeFor(body.Length);

        if (size >= Sizes || body.Length != Smallest << size)
        {
            return;
        }

        lock (_gate)
        {
            if (_kept < KeptBytes)
            {
                _kept += body.Length;
                _unused[size].Push(body);
            }
        }
    }

    private static int SizeFor(int bytes) => bytes <= Smallest ? 0 : 32 - int.LeadingZeroCount((bytes - 1) / Smallest);
}
