using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage;

/// <summary>Where a process keeps the accepted frames that it folded, to read streams from.</summary>
/// <remarks>
/// Frames and the place up to which the log is folded are committed together, so a crash repeats from that place and the fold makes repeats no-ops.
/// The offsets that Kafka could keep for a consumer group are not used.
/// </remarks>
internal interface IStreamStore : IAsyncDisposable
{
    /// <summary>Opens what the store holds of one partition.</summary>
    IPartitionStore OpenPartition(string topic, int partition);

    /// <summary>Gets what the store was handed and has not committed; those who hand over wait while it is too much.</summary>
    StoreBacklog Backlog { get; }

    /// <summary>Reads frames of a stream whose last event has at least the given version, in order of versions.</summary>
    IReadOnlyList<StoredFrame> ReadStream(IPartitionStore partition, StreamId stream, long fromVersion, int limit);

    /// <summary>Reads accepted frames of a partition from an offset on, in order of offsets.</summary>
    IReadOnlyList<StoredFrame> ReadPartition(IPartitionStore partition, long fromOffset, int limit);
}
