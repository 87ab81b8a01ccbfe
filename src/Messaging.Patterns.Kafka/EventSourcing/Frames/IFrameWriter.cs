using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing.Frames;

/// <summary>Serializes appends in one layout.</summary>
internal interface IFrameWriter
{
    /// <summary>Serializes an append, outside every lock.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="id">The append.</param>
    /// <param name="partitions">The partition count of the topic.</param>
    /// <param name="events">The events, at least one.</param>
    IFrameBytes Prepare(StreamId stream, AppendId id, int partitions, IReadOnlyList<EventData> events);

    /// <summary>Makes a frame without events.</summary>
    /// <param name="id">The append.</param>
    /// <param name="source">What a CloudEvent names as its source.</param>
    /// <param name="partitions">The partition count of the topic.</param>
    /// <param name="now">When it is written.</param>
    IFrameBytes PrepareBarrier(AppendId id, string source, int partitions, DateTimeOffset now);
}
