using System.Runtime.CompilerServices;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Log;
using Messaging.Patterns.Kafka.EventSourcing.Storage;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>Reads from what this process folded into its own store.</summary>
internal sealed class KafkaEventReader(EventLog log, FrameEvents frames, IOptions<KafkaEventReaderOptions> options, KafkaClients clients, TimeProvider time)
    : IEventReader, IEventFeed
{
    private const int PageSize = 256;

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(StreamId stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new StreamReadOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.FromVersion, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxCount, 1, nameof(options));
        return ReadStreamCoreAsync(stream, options, cancellationToken);
    }

    public IAsyncEnumerable<RecordedEvent> ReadAllAsync(Position after, FeedReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(after);
        return ReadAllCoreAsync(after, options ?? new FeedReadOptions(), cancellationToken);
    }

    private async IAsyncEnumerable<RecordedEvent> ReadStreamCoreAsync(
        StreamId stream, StreamReadOptions read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (topic, partition) = await PrepareAsync(stream, read.Consistency, cancellationToken).ConfigureAwait(false);
        var (from, left) = (read.FromVersion, read.MaxCount);
        var events = new List<RecordedEvent>(1);

        while (left > 0)
        {
            var limit = (int)Math.Min(left, PageSize);
            var page = topic.Store.ReadStream(partition.Store!, stream, from, limit);

            foreach (var frame in page)
            {
                cancellationToken.ThrowIfCancellationRequested();

                events.Clear();
                frames.Read(new(stream, partition.PositionAt(frame.Offset + 1), frame, read.Raw) { From = from, MaxCount = left }, events);

                foreach (var recorded in events)
                {
                    yield return recorded;
                }

                from = frame.LastVersion + 1;
                left -= events.Count;
            }

            if (IStreamStore.IsLast(page, limit))
            {
                yield break;
            }
        }
    }

    private async IAsyncEnumerable<RecordedEvent> ReadAllCoreAsync(
        Position after, FeedReadOptions read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var cursors = new List<FeedCursor>();
        var events = new List<RecordedEvent>(1);

        foreach (var name in log.TopicNames)
        {
            var topic = await WaitAsync(log.TopicAsync(name, cancellationToken), name).ConfigureAwait(false);
            cursors.AddRange(topic.All.Select(partition => new FeedCursor(topic, partition, after, read.Follow)));
        }

        using var ended = new FeedEnd(cancellationToken);

        while (cursors.Count > 0)
        {
            var any = false;

            foreach (var (partition, frame) in cursors.SelectMany(cursor => cursor.ReadPage(PageSize)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                any = true;

                events.Clear();
                frames.Read(new(StreamId.Parse(frame.Stream), partition.PositionAt(frame.Offset + 1), frame, read.Raw), events);

                foreach (var recorded in events)
                {
                    yield return recorded;
                }
            }

            cursors.RemoveAll(cursor => cursor.IsAtEnd);

            if (!any && cursors.Count > 0)
            {
                await FeedCursor.WaitForAnyAsync(cursors, ended.Token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits until the read may be answered: the topic is folded as far as it was at the start, and as far as the read demands.</summary>
    private async ValueTask<(LogTopic Topic, LogPartition Partition)> PrepareAsync(StreamId stream, ReadConsistency consistency, CancellationToken cancellationToken)
    {
        var topic = await WaitAsync(log.TopicOfAsync(stream, cancellationToken), stream.ToString()).ConfigureAwait(false);
        StreamKeys.Of(stream, out var key);
        var partition = topic.PartitionOf(key);

        if (partition.Failure is not null)
        {
            throw partition.NewFailure();
        }

        if (consistency.IsStrong || consistency.Position is not null)
        {
            await WaitForAsync(topic, partition, consistency, cancellationToken).ConfigureAwait(false);
        }

        return (topic, partition);
    }

    private async Task WaitForAsync(LogTopic topic, LogPartition partition, ReadConsistency consistency, CancellationToken cancellationToken)
    {
        if (consistency.Position is { } position && partition.Readable.Passed >= position.Next(partition.Name))
        {
            return;
        }

        using var limited = new CancellationTokenSource(options.Value.ReadTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limited.Token);

        try
        {
            var next = consistency.Position?.Next(partition.Name) ?? await FindEndAsync(topic, partition, consistency, either.Token).ConfigureAwait(false);
            await partition.Readable.WaitAsync(next, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw clients.Unavailable($"read of {partition.Name}", exception);
        }
    }

    /// <summary>Returns an offset below which everything lies that was acknowledged before this call.</summary>
    private static async Task<long> FindEndAsync(LogTopic topic, LogPartition partition, ReadConsistency consistency, CancellationToken cancellationToken)
    {
        var end = await (consistency.IsLinearizable
            ? topic.WriteBarrierAsync(partition, cancellationToken)
            : topic.Ends.QueryAsync(partition.Number, cancellationToken)).ConfigureAwait(false);
        partition.Await(end);
        return end;
    }

    private async ValueTask<LogTopic> WaitAsync(ValueTask<LogTopic> topic, string name)
    {
        if (topic.IsCompletedSuccessfully)
        {
            return await topic.ConfigureAwait(false);
        }

        try
        {
            return await topic.AsTask().WaitAsync(options.Value.ReadTimeout, time).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw clients.Unavailable($"read of {name}", exception);
        }
    }
}
