using System.IO.Hashing;
using System.Text;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>Makes the protocol's stream keys.</summary>
/// <remarks>XxHash128: among a billion streams the chance that any two share a key is below 1 in 10^20.</remarks>
internal static class StreamKeys
{
    public static StreamKey Of(ReadOnlySpan<byte> name) => new(XxHash128.HashToUInt128(name));

    public static StreamKey Of(StreamId stream, out byte[] name)
    {
        name = Encoding.UTF8.GetBytes(stream.ToString());
        return Of(name);
    }
}
