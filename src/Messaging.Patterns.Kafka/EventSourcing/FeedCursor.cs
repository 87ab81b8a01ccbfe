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

    public FeedCursor(LogTopic topic, LogPartition partition, Position after, bool follow)
    {
        (_topic, _partition, _next) = (topic, partition, after.Next(partition.Name));
        _end = follow ? long.MaxValue : partition.Readable.Passed;
    }

    /// <summary>Gets whether everything that was asked for has been read.</summary>
    public bool IsAtEnd => _next >= _end;

    public static async Task WaitForAnyAsync(IEnumerable<FeedCursor> cursors, CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waits = cursors.Select(cursor => cursor._partition.Readable.WaitAsync(cursor._next + 1, done.Token).AsTask()).ToList();
        var first = await Task.WhenAny(waits).ConfigureAwait(false);
        await done.CancelAsync().ConfigureAwait(false);
        await first.ConfigureAwait(false);
    }

    public IEnumerable<(LogPartition Partition, StoredFrame Frame)> ReadPage(int limit)
    {
        // Read before the page: what is committed meanwhile is left for the next one.
        var readable = Math.Min(_partition.Readable.Passed, _end);

        if (_next >= readable)
        {
            return [];
        }

        var page = _topic.Store.ReadPartition(_partition.Store!, _next, limit).Where(frame => frame.Offset < readable).ToList();
        _next = page.Count == limit ? page[^1].Offset + 1 : readable;
        return page.Select(frame => (_partition, frame));
    }
}
