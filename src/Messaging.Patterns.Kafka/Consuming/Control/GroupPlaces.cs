using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Connection;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>Looks where a group is, and where it could be, with a consumer of the group that joins nothing.</summary>
/// <remarks>An admin client could tell too, but librdkafka ends the process when the group's coordinator goes away while one is asked.</remarks>
internal sealed class GroupPlaces : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    private readonly IConsumer<byte[], byte[]> _consumer;

    public GroupPlaces(KafkaClients clients, string group) => _consumer = clients.CreateConsumer(config =>
    {
        config.GroupId = group;
        config.AllowAutoCreateTopics = false;
    });

    /// <summary>Resolves a target for each of some partitions.</summary>
    /// <exception cref="KafkaException">The brokers do not answer.</exception>
    public List<PlannedRewind> Resolve(IReadOnlyCollection<TopicPartition> partitions, RewindTarget target, DateTimeOffset now)
    {
        var time = target.AtTime ?? (target.Ago is { } ago ? now - ago : null);
        var found = time is { } at ? Find(partitions, at) : null;
        var committed = _consumer.Committed(partitions, RequestTimeout).ToDictionary(one => one.TopicPartition, one => one.Offset);

        return [.. partitions.Select(partition =>
        {
            var ends = _consumer.QueryWatermarkOffsets(partition, RequestTimeout);
            var wanted = found?[partition] ?? target.AtOffset!.Value;
            var now = committed[partition];
            return new PlannedRewind(
                partition.Topic, partition.Partition.Value, now.IsSpecial ? ends.Low.Value : now.Value, Math.Clamp(wanted, ends.Low.Value, ends.High.Value), ends.High.Value);
        })];
    }

    public void Dispose() => _consumer.Dispose();

    // A partition without a record of then or later answers with its end.
    private Dictionary<TopicPartition, long> Find(IReadOnlyCollection<TopicPartition> partitions, DateTimeOffset time) => _consumer
        .OffsetsForTimes(partitions.Select(partition => new TopicPartitionTimestamp(partition, new Timestamp(time.UtcDateTime))), RequestTimeout)
        .ToDictionary(one => one.TopicPartition, one => one.Offset.IsSpecial ? long.MaxValue : one.Offset.Value);
}
