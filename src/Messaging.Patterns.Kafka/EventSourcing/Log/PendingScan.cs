using Confluent.Kafka;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>Settles a pending append that was decided so long ago that only the log remembers it.</summary>
internal static class PendingScan
{
    public static async Task<AppendResolution> RunAsync(
        LogTopic topic, LogPartition partition, KafkaClients clients, PendingAppend pending, long @base, CancellationToken cancellationToken) =>
        await Task.Run(() => Scan(topic, partition, clients, pending, @base, cancellationToken), cancellationToken).ConfigureAwait(false);

    private static ConsumeResult<byte[], byte[]>? Next(IConsumer<byte[], byte[]> consumer, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return consumer.Consume(cancellationToken);
            }
            catch (ConsumeException exception) when (LogTail.IsLogChanged(exception.Error.Code))
            {
                return null;
            }
            catch (ConsumeException exception) when (!exception.Error.IsFatal)
            {
                // librdkafka goes on by itself.
            }
        }
    }

    private static AppendResolution Scan(
        LogTopic topic, LogPartition partition, KafkaClients clients, PendingAppend pending, long @base, CancellationToken cancellationToken)
    {
        using var consumer = clients.CreateConsumer(LogTail.Configure);
        consumer.Assign(new TopicPartitionOffset(topic.Name, partition.Number, @base));
        var wanted = new AppendKey(StreamKeys.Of(pending.Stream, out _), pending.Id);

        while (true)
        {
            // Begun before what the log still has, nobody can say any more; at the end, nobody has decided yet.
            if (Next(consumer, cancellationToken) is not { IsPartitionEOF: false } result)
            {
                return AppendResolution.Undecided;
            }

            if (FrameReader.Read(result.Message.Key, result.Message.Value, out var frame) is not null)
            {
                continue;
            }

            switch (PendingRule.Judge(frame, wanted, pending.FirstVersion))
            {
                case AppendOutcome.Accepted:
                    return AppendResolution.Accepted(new(frame.LastVersion, partition.PositionAt(result.Offset.Value + 1)));
                case AppendOutcome.Rejected:
                    return AppendResolution.Rejected;
            }
        }
    }
}
