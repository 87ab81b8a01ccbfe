using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Messaging.Patterns.Kafka.Connection;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Looks where the partitions of a member end, for its lag. Brokers that do not answer hold up nothing else.</summary>
internal sealed partial class GroupEnds(ConsumerGroup group, IConsumer<byte[], byte[]> consumer) : IAsyncDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    // Makes its client when a partition is paused for the first time.
    private readonly AdminSource _admin = new(group.Context.Clients, group.Context.Time);

    /// <summary>Looks where partitions end now.</summary>
    public async Task ObserveAsync(IReadOnlyCollection<GroupPartition> partitions, CancellationToken cancellationToken)
    {
        foreach (var partition in partitions.Where(partition => !partition.IsPaused))
        {
            partition.End = Known(partition) ?? partition.End;
        }

        // Of a paused partition the client hears nothing by itself.
        if (partitions.Where(partition => partition.IsPaused).ToList() is { Count: > 0 } paused)
        {
            await AskAsync(paused, cancellationToken).ConfigureAwait(false);
        }

        foreach (var partition in partitions)
        {
            partition.ObserveLag();
        }
    }

    /// <summary>Returns whether a broker answers.</summary>
    public async Task<bool> IsAnsweredAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _admin.AskAsync(admin => admin.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = RequestTimeout }), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (KafkaException)
        {
            // The clients log that already, again and again.
            _admin.Renew();
            return false;
        }
    }

    public ValueTask DisposeAsync() => _admin.DisposeAsync();

    private long? Known(GroupPartition partition)
    {
        try
        {
            var ends = consumer.GetWatermarkOffsets(partition.Id);
            return ends.High.IsSpecial ? null : ends.High.Value;
        }
        catch (Exception exception) when (exception is KafkaException or ObjectDisposedException)
        {
            // The partition leaves just now, or the poller has closed the consumer meanwhile.
            Log.EndNotKnown(group.Context.Logger, exception, group.Name, partition.Topic.Name, partition.Number);
            return null;
        }
    }

    private async Task AskAsync(List<GroupPartition> paused, CancellationToken cancellationToken)
    {
        try
        {
            var wanted = paused.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition.Id, OffsetSpec = OffsetSpec.Latest() });
            var options = new ListOffsetsOptions { RequestTimeout = RequestTimeout };
            var found = await _admin.AskAsync(admin => admin.ListOffsetsAsync(wanted, options), cancellationToken).ConfigureAwait(false);
            var ends = found.ResultInfos.Select(info => info.TopicPartitionOffsetError).ToDictionary(end => end.TopicPartition, end => end.Offset.Value);
            paused.ForEach(partition => partition.End = ends.TryGetValue(partition.Id, out var end) ? end : partition.End);
        }
        catch (KafkaException exception)
        {
            // The brokers are away, or choose a leader.
            Log.EndNotKnown(group.Context.Logger, exception, group.Name, paused[0].Topic.Name, paused[0].Number);
            _admin.Renew();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1436, LogLevel.Debug, "Consumer group {Group} could not see where topic {Topic}, partition {Partition} ends.")]
        public static partial void EndNotKnown(ILogger logger, Exception exception, string group, string topic, int partition);
    }
}
