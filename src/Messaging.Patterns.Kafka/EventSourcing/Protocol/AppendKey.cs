using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>Names an append: an append id counts within its stream.</summary>
internal readonly record struct AppendKey(StreamKey Stream, AppendId Id)
{
    // Ids come from callers and need not be random: all of their bits count.
    public override int GetHashCode() => HashCode.Combine(Stream, Id.Value);
}
