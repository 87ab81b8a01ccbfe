using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Storage;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>What is to be read of an accepted frame.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Position">The place up to and including the frame.</param>
/// <param name="Frame">The frame.</param>
/// <param name="IsRaw">Whether payloads stay serialized.</param>
internal readonly record struct FrameRead(StreamId Stream, Position Position, StoredFrame Frame, bool IsRaw)
{
    /// <summary>Gets the version before which events are left out.</summary>
    public long From { get; init; } = 1;

    /// <summary>Gets the most events that are wanted.</summary>
    public long MaxCount { get; init; } = long.MaxValue;
}
