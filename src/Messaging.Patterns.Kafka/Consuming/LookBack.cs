using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Log;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Reads a partition back, where the frames that a filter remembers do not reach, with a consumer that belongs to no group.</summary>
internal sealed class LookBack(KafkaClients clients, TopicPartition partition)
{
    // Beyond that, a range is searched but not remembered.
    private const int MaxRemembered = 100_000;

    // After a start, the frames that were under way look back one after another to about the same place.
    private readonly Dictionary<(StreamKey Stream, long FirstVersion), long> _newest = [];
    private long _from = long.MaxValue;
    private long _to = -1;

    /// <summary>Returns whether the range holds what is looked for.</summary>
    /// <exception cref="RecordRefusedException">The range is not in the log any more.</exception>
    public async ValueTask<bool> FindAsync(FrameScan scan, CancellationToken cancellationToken)
    {
        if (scan.To != _to || scan.From < _from)
        {
            if (scan.To - scan.From > MaxRemembered)
            {
                return await Task.Run(() => Read(scan, static (_, _) => { }, cancellationToken), cancellationToken).ConfigureAwait(false);
            }

            _newest.Clear();
            await Task.Run(() => Read(scan, (offset, frame) => _newest[(frame.Stream, frame.FirstVersion)] = offset, cancellationToken), cancellationToken).ConfigureAwait(false);
            (_from, _to) = (scan.From, scan.To);
        }

        return _newest.TryGetValue((scan.Stream, scan.FirstVersion), out var newest) && newest >= scan.From;
    }

    private bool Read(FrameScan scan, Action<long, FrameHeader> found, CancellationToken cancellationToken)
    {
        using var consumer = clients.CreateConsumer(LogTail.Configure);
        consumer.Assign(new TopicPartitionOffset(partition, scan.From));
        var isFound = false;

        while (true)
        {
            var result = Consume(consumer, scan, cancellationToken);

            // Also the end of the partition is beyond the range, which lies before a record that was read.
            if (result.Offset.Value >= scan.To)
            {
                return isFound;
            }

            if (!result.IsPartitionEOF && FrameReader.Read(result.Message.Key, result.Message.Value, out var frame) is null && !frame.IsBarrier)
            {
                isFound |= scan.IsFoundIn(frame);
                found(result.Offset.Value, frame);
            }
        }
    }

    private ConsumeResult<byte[], byte[]> Consume(IConsumer<byte[], byte[]> consumer, FrameScan scan, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return consumer.Consume(cancellationToken);
            }
            catch (ConsumeException exception) when (exception.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
            {
                throw new RecordRefusedException(
                    $"to tell whether it is in its stream, the log must be read back to offset {scan.From} of {partition}, which is not there any more: {exception.Error.Reason}", exception);
            }
            catch (ConsumeException)
            {
                // The brokers are away or choose a leader: librdkafka goes on by itself.
            }
        }
    }
}
