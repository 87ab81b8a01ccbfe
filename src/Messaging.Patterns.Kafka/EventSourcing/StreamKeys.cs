using System.IO.Hashing;
using System.Text;
using System.Text.Unicode;
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

    /// <summary>Returns whether a record's key is a stream id: the rules of <see cref="StreamId"/>, which are part of log version 1.</summary>
    public static bool IsStreamId(ReadOnlySpan<byte> key)
    {
        // The common case without making a text of it.
        if (key.Length <= StreamId.MaxBytes && !key.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return key.IndexOf((byte)'-') is > 0 and var dash && dash < key.Length - 1;
        }

        return Utf8.IsValid(key) && StreamId.TryParse(Encoding.UTF8.GetString(key), out _);
    }
}
