using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage;

/// <summary>Where a process keeps the accepted frames that it folded, to read streams from.</summary>
/// <remarks>
/// Frames and the place up to which the log is folded are committed together, so a crash repeats from that place and the fold makes repeats no-ops.
/// The offsets that Kafka could keep for a consumer group are not used.
/// </remarks>
internal interface IStreamStore : IAsyncDisposable
{
    /// <summary>The bytes of frames after which a page ends, even if it may have more frames: frames can be large, and a page lies in memory.</summary>
    const long PageBytes = 4 << 20;

    /// <summary>Opens what the store holds of one partition.</summary>
    IPartitionStore OpenPartition(string topic, int partition);

    /// <summary>Gets what the store was handed and has not committed; those who hand over wait while it is too much.</summary>
    StoreBacklog Backlog { get; }

    /// <summary>Returns whether nothing followed a page when it was read: it ended neither at its limit nor at <see cref="PageBytes"/>.</summary>
    static bool IsLast(IReadOnlyList<StoredFrame> page, int limit)
    {
        var bytes = 0L;

        // As a rule a page has few frames, and is the last one.
        for (var index = 0; index < page.Count; index++)
        {
            bytes += page[index].Value.Length;
        }

        return page.Count < limit && bytes < PageBytes;
    }

    /// <summary>Reads frames of a stream whose last event has at least the given version, in order of versions.</summary>
    IReadOnlyList<StoredFrame> ReadStream(IPartitionStore partition, StreamId stream, long fromVersion, int limit);

    /// <summary>Reads accepted frames of a partition from an offset on, in order of offsets.</summary>
    IReadOnlyList<StoredFrame> ReadPartition(IPartitionStore partition, long fromOffset, int limit);
}
