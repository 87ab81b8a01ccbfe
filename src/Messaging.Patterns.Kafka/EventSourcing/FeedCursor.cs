using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Log;
using Messaging.Patterns.Kafka.EventSourcing.Storage;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>How far a feed has read one partition of the store.</summary>
internal sealed class FeedCursor
{
    private readonly LogTopic _topic;
    private readonly LogPartition _partition;
    private readonly long _end;
    private long _next;
    private Task? _more;

    public FeedCursor(LogTopic topic, LogPartition partition, Position after, bool follow)
    {
        (_topic, _partition, _next) = (topic, partition, after.Next(partition.Name));
        _end = follow ? long.MaxValue : partition.Readable.Passed;
    }

    /// <summary>Gets whether everything that was asked for has been read.</summary>
    public bool IsAtEnd => _next >= _end;

    /// <summary>Waits until one of the partitions has more.</summary>
    /// <param name="cursors">The cursors of one feed.</param>
    /// <param name="cancellationToken">Cancelled at the end of the feed, always the same: each cursor waits on, however often others have more.</param>
    public static async Task WaitForAnyAsync(IEnumerable<FeedCursor> cursors, CancellationToken cancellationToken)
    {
        var first = await Task.WhenAny(cursors.Select(cursor => cursor.WaitAsync(cancellationToken))).ConfigureAwait(false);
        await first.ConfigureAwait(false);
    }

    private Task WaitAsync(CancellationToken cancellationToken) =>
        _more is { IsCompleted: false } ? _more : _more = _partition.Readable.WaitAsync(_next + 1, cancellationToken).AsTask();

    public IEnumerable<(LogPartition Partition, StoredFrame Frame)> ReadPage(int limit)
    {
        // Read before the page: what is committed meanwhile is left for the next one.
        var readable = Math.Min(_partition.Readable.Passed, _end);

        if (_next >= readable)
        {
            return [];
        }

        var page = _topic.Store.ReadPartition(_partition.Store!, _next, limit);
        _next = IStreamStore.IsLast(page, limit) ? readable : Math.Min(page[^1].Offset + 1, readable);
        return page.Where(frame => frame.Offset < readable).Select(frame => (_partition, frame));
    }
}
