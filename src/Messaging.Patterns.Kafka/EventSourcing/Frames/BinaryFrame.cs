using System.Buffers.Binary;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>An append in layout <c>binary</c>, serialized once; version and base, which are chosen late and again after a lost race, have fixed places.</summary>
/// <param name="bodies">Whose the array of <paramref name="body"/> is.</param>
/// <param name="body">The record's value, with version and base still to be chosen.</param>
/// <param name="count">The number of events.</param>
internal sealed class BinaryFrame(FrameBodies bodies, ArraySegment<byte> body, int count) : IFrameBytes
{
    private ArraySegment<byte> _body = body;

    public int Count => count;

    public int Size => _body.Count;

    public byte[] Build(long firstVersion, long @base)
    {
        var bytes = new byte[_body.Count];
        Write(firstVersion, @base, bytes);
        return bytes;
    }

    public ArraySegment<byte> Build(long firstVersion, long @base, out FrameBodies? owner)
    {
        owner = bodies;
        var bytes = new ArraySegment<byte>(bodies.Take(_body.Count), 0, _body.Count);
        Write(firstVersion, @base, bytes);
        return bytes;
    }

    public void Release()
    {
        bodies.GiveBack(_body.Array!);
        _body = default;
    }

    private void Write(long firstVersion, long @base, Span<byte> bytes)
    {
        _body.AsSpan().CopyTo(bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes[BinaryFrameFormat.FirstVersionAt..], firstVersion);
        BinaryPrimitives.WriteInt64BigEndian(bytes[BinaryFrameFormat.BaseAt..], @base);
    }
}
