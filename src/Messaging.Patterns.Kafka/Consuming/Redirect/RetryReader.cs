using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing.Log;

namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>Reads retry partitions, one request after another, with a consumer that belongs to no group.</summary>
internal sealed class RetryReader(KafkaClients clients) : IDisposable
{
    // What is read ahead in one go: keys that were redirected one after another are mostly tried one after another.
    private const int MaxAhead = 500;
    private const long MaxAheadBytes = 4L << 20;

    // Keys and partitions stand at places of their own, so what was read ahead for one outlives the reads of others.
    private const long MaxHeldBytes = 16L << 20;

    private static readonly TimeSpan PatienceAtEnd = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<TopicPartitionOffset, ConsumeResult<byte[], byte[]>> _ahead = [];
    private long _heldBytes;
    private IConsumer<byte[], byte[]>? _consumer;
    private bool _isDisposed;

    /// <summary>Reads a record, which must be there.</summary>
    /// <exception cref="MessagingException">The log does not hold it.</exception>
    public async Task<ConsumeResult<byte[], byte[]>> ReadAsync(TopicPartitionOffset place, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);

        try
        {
            return TryTake(place) ?? await Task.Run(() => ReadAhead(place, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Reads all records from an offset to another, which must be there.</summary>
    /// <exception cref="MessagingException">The log does not hold them.</exception>
    public async Task<List<(long Offset, RetryEntry Entry)>> ReadAsync(TopicPartitionOffset from, long to, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);

        try
        {
            return await Task.Run(() => ReadEntries(from, to, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Returns the offset at which a partition begins.</summary>
    /// <exception cref="KafkaException">The brokers do not answer.</exception>
    public async Task<long> FindBeginAsync(TopicPartition partition, TimeSpan limit, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);

        try
        {
            return await Task.Run(() => Consumer().QueryWatermarkOffsets(partition, limit).Low.Value, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    // Whoever reads has a token that is cancelled by then, and is waited for.
    public void Dispose()
    {
        _turn.Wait();
        _isDisposed = true;
        _consumer?.Dispose();
        _turn.Release();
    }

    private IConsumer<byte[], byte[]> Consumer()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _consumer ??= clients.CreateConsumer(config =>
        {
            LogTail.Configure(config);
            config.ConsumeResultFields = "all";
        });
    }

    private ConsumeResult<byte[], byte[]>? TryTake(TopicPartitionOffset place)
    {
        if (_ahead.Remove(place, out var known))
        {
            _heldBytes -= RecordSize.Of(known);
        }

        return known;
    }

    private ConsumeResult<byte[], byte[]> ReadAhead(TopicPartitionOffset place, CancellationToken cancellationToken)
    {
        var consumer = Consumer();
        consumer.Assign(place);
        var first = Next(consumer, place, cancellationToken);

        if (_heldBytes > MaxHeldBytes - MaxAheadBytes)
        {
            _ahead.Clear();
            _heldBytes = 0;
        }

        var (records, bytes) = (0, 0L);

        for (; records < MaxAhead && bytes < MaxAheadBytes && TryNext(consumer) is { IsPartitionEOF: false } next; records++)
        {
            if (_ahead.TryAdd(next.TopicPartitionOffset, next))
            {
                bytes += RecordSize.Of(next);
            }
        }

        _heldBytes += bytes;

        consumer.Unassign();
        return first.Offset.Value == place.Offset.Value ? first : throw NotThere(place, "it is not there");
    }

    private List<(long Offset, RetryEntry Entry)> ReadEntries(TopicPartitionOffset from, long to, CancellationToken cancellationToken)
    {
        var consumer = Consumer();
        consumer.Assign(from);
        var entries = new List<(long, RetryEntry)>();

        while (true)
        {
            var next = Next(consumer, from, cancellationToken);

            if (next.Offset.Value > to)
            {
                throw NotThere(new(from.TopicPartition, to), "it is not there");
            }

            entries.Add((next.Offset.Value, EntryOf(next)));

            if (next.Offset.Value == to)
            {
                consumer.Unassign();
                return entries;
            }
        }
    }

    private static RetryEntry EntryOf(ConsumeResult<byte[], byte[]> record)
    {
        try
        {
            return RedirectFormat.Read(record);
        }
        catch (FormatException exception)
        {
            throw new MessagingException(
                $"offset {record.Offset.Value} of {record.TopicPartition} is not written by this version of the library: {exception.Message}. Update this process, or keep others from writing to the topic (ACLs)", exception);
        }
    }

    private static ConsumeResult<byte[], byte[]> Next(IConsumer<byte[], byte[]> consumer, TopicPartitionOffset place, CancellationToken cancellationToken)
    {
        var isAtEnd = false;

        while (true)
        {
            try
            {
                if ((isAtEnd ? consumer.Consume(PatienceAtEnd) : consumer.Consume(cancellationToken)) is not { } next)
                {
                    throw NotThere(place, "the partition ends before it");
                }

                if (!next.IsPartitionEOF)
                {
                    return next;
                }

                // A new leader may not know yet how far its copies are.
                isAtEnd = true;
            }
            catch (ConsumeException exception) when (LogTail.IsLogChanged(exception.Error.Code))
            {
                throw NotThere(place, exception.Error.Reason, exception);
            }
            catch (ConsumeException exception) when (!exception.Error.IsFatal)
            {
                // The brokers are away or choose a leader: librdkafka goes on by itself.
            }
        }
    }

    private static ConsumeResult<byte[], byte[]>? TryNext(IConsumer<byte[], byte[]> consumer)
    {
        try
        {
            return consumer.Consume(TimeSpan.Zero);
        }
        catch (ConsumeException)
        {
            // Whoever needs what follows meets it again.
            return null;
        }
    }

    private static MessagingException NotThere(TopicPartitionOffset place, string reason, Exception? inner = null) => new(
        $"its redirected records are not known, since offset {place.Offset.Value} of {place.TopicPartition} cannot be read: {reason}. The topic was truncated, deleted or recreated. Find out what happened to it; "
        + "then delete it, so that it is created anew and the group begins without what waited there", inner);
}
