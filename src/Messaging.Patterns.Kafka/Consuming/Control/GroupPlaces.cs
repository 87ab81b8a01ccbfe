using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Connection;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>Looks where a group is, and where it could be, with a consumer of the group that joins nothing.</summary>
/// <remarks>An admin client could tell too, but librdkafka ends the process when the group's coordinator goes away while one is asked.</remarks>
internal sealed class GroupPlaces : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(50);

    private readonly KafkaClients _clients;
    private readonly IConsumer<byte[], byte[]> _consumer;

    public GroupPlaces(KafkaClients clients, string group)
    {
        _clients = clients;
        _consumer = clients.CreateConsumer(config =>
        {
            config.GroupId = group;
            config.AllowAutoCreateTopics = false;
        });
    }

    /// <summary>Looks where the group is in some partitions.</summary>
    /// <exception cref="KafkaException">The brokers do not answer.</exception>
    public async Task<List<GroupPlace>> LookAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        var committed = await CommittedAsync(partitions, cancellationToken).ConfigureAwait(false);

        return [.. partitions.Select(partition =>
        {
            var ends = _consumer.QueryWatermarkOffsets(partition, RequestTimeout);
            return new GroupPlace(partition, committed[partition], ends.Low.Value, ends.High.Value);
        })];
    }

    /// <summary>Returns what the group has committed; <see langword="null"/> for nothing.</summary>
    /// <exception cref="KafkaException">The brokers do not answer.</exception>
    public async Task<Dictionary<TopicPartition, long?>> CommittedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                return _consumer.Committed(partitions, RequestTimeout).ToDictionary(one => one.TopicPartition, one => one.Offset.IsSpecial ? (long?)null : one.Offset.Value);
            }
            catch (KafkaException exception) when (IsOfCoordinator(exception.Error.Code) && TimeProvider.System.GetElapsedTime(started) < RequestTimeout)
            {
                await Task.Delay(AskAgainAfter, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Resolves a target for each of some partitions.</summary>
    /// <exception cref="KafkaException">The brokers do not answer.</exception>
    public async Task<List<PlannedRewind>> ResolveAsync(IReadOnlyCollection<TopicPartition> partitions, RewindTarget target, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var places = await LookAsync(partitions, cancellationToken).ConfigureAwait(false);
        var time = target.AtTime ?? (target.Ago is { } ago ? now - ago : null);

        // Times last: of a partition without a record of then, one may come any moment, and it lies at the end that is known already or behind it.
        var found = time is { } at ? Find(places, at) : null;

        return [.. places.Select(place =>
        {
            var wanted = found?[place.Id] ?? target.AtOffset!.Value;
            return new PlannedRewind(place.Id.Topic, place.Id.Partition.Value, place.Committed ?? place.First, Math.Clamp(wanted, place.First, place.End), place.End);
        })];
    }

    public void Dispose() => _consumer.Dispose();

    // A group that is new has no coordinator for a moment, and a broker that just started still loads the groups.
    private static bool IsOfCoordinator(ErrorCode code) =>
        code is ErrorCode.Local_WaitCoord or ErrorCode.GroupLoadInProgress or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.NotCoordinatorForGroup;

    // A partition without a record of then or later answers with its end. The embedded broker finds no times: there the records are read.
    private Dictionary<TopicPartition, long> Find(List<GroupPlace> places, DateTimeOffset time) => _clients.IsDevelopment
        ? FirstRecords.ReadAll(_clients, places, time)
        : _consumer.OffsetsForTimes(places.Select(place => new TopicPartitionTimestamp(place.Id, new Timestamp(time.UtcDateTime))), RequestTimeout)
            .ToDictionary(one => one.TopicPartition, one => one.Offset.IsSpecial ? long.MaxValue : one.Offset.Value);
}
