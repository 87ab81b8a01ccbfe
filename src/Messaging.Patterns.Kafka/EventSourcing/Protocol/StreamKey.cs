namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>Names a stream inside the protocol: a 128-bit hash of the stream's id, so that a version table holds no texts.</summary>
/// <param name="Value">The hash.</param>
internal readonly record struct StreamKey(UInt128 Value)
{
    // The value is a good hash already; half of it is as good.
    public override int GetHashCode() => ((ulong)Value).GetHashCode();

    public override string ToString() => Value.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);
}
