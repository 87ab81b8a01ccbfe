using System.Buffers.Text;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>An append serialized once, outside every lock; version and base, which are chosen late and again after a lost race, are put in by copying.</summary>
/// <param name="bodies">Whose the array of <paramref name="first"/> is.</param>
/// <param name="first">Of the first event everything behind the value of the last field that changes, from its closing quote to the closing brace.</param>
/// <param name="others">The same of the other events, if there are any.</param>
internal sealed class PreparedFrame(FrameBodies bodies, ArraySegment<byte> first, byte[][] others) : IFrameBytes
{
    private const int MaxDigits = 19;

    private ArraySegment<byte> _first = first;

    private static ReadOnlySpan<byte> Head => "{\"specversion\":\"1.0\",\"streamversion\":\""u8;

    private static ReadOnlySpan<byte> Base => "\",\"logbase\":\""u8;

    public int Size => _first.Count + others.Sum(other => other.Length);

    public int Count => 1 + others.Length;

    public byte[] Build(long firstVersion, long @base)
    {
        var bytes = new byte[Measure(firstVersion, @base)];
        Write(firstVersion, @base, bytes);
        return bytes;
    }

    public ArraySegment<byte> Build(long firstVersion, long @base, out FrameBodies? owner)
    {
        owner = bodies;
        var size = Measure(firstVersion, @base);
        var bytes = bodies.Take(size);
        Write(firstVersion, @base, bytes);
        return new(bytes, 0, size);
    }

    public void Release()
    {
        bodies.GiveBack(_first.Array!);
        _first = default;
    }

    private void Write(long firstVersion, long @base, byte[] bytes)
    {
        var buffer = new Output(stackalloc byte[MaxDigits], bytes);
        buffer.Write(Count > 1 ? "["u8 : []);

        for (var i = 0; i < Count; i++)
        {
            buffer.Write(i > 0 ? ","u8 : []);
            buffer.Write(Head);
            buffer.Write(firstVersion + i);

            if (i == 0)
            {
                buffer.Write(Base);
                buffer.Write(@base);
            }

            buffer.Write(BodyOf(i));
        }

        buffer.Write(Count > 1 ? "]"u8 : []);
    }

    private ReadOnlySpan<byte> BodyOf(int index) => index == 0 ? _first : others[index - 1];

    private static int CountDigits(long number)
    {
        var digits = 1;

        while ((number /= 10) > 0)
        {
            digits++;
        }

        return digits;
    }

    private int Measure(long firstVersion, long @base)
    {
        var size = Base.Length + CountDigits(@base) + (Count > 1 ? Count + 1 : 0);

        for (var i = 0; i < Count; i++)
        {
            size += Head.Length + CountDigits(firstVersion + i) + BodyOf(i).Length;
        }

        return size;
    }

    private ref struct Output(Span<byte> digits, byte[] bytes)
    {
        private readonly Span<byte> _digits = digits;
        private int _used;

        public void Write(ReadOnlySpan<byte> text)
        {
            text.CopyTo(bytes.AsSpan(_used));
            _used += text.Length;
        }

        public void Write(long number)
        {
            Utf8Formatter.TryFormat(number, _digits, out var length);
            Write(_digits[..length]);
        }
    }
}
