using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>Finds the first record in each of several partitions that is as wanted, by reading, with a consumer that belongs to no group.</summary>
internal static class FirstRecords
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ScanLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns the time of the first record that a group has not committed, of each partition in which there is one. What does not answer in time is left out.</summary>
    public static Dictionary<TopicPartition, DateTimeOffset> ReadTimes(KafkaClients clients, IEnumerable<GroupPlace> places)
    {
        var (found, _) = Find(clients, [.. places.Where(place => place.Next < place.End)], place => place.Next, _ => true, TimeLimit);
        return found.ToDictionary(one => one.Key, one => new DateTimeOffset(one.Value.Message.Timestamp.UtcDateTime));
    }

    /// <summary>Returns the offset of the first record of a time or later, of each partition; <see cref="long.MaxValue"/> where there is none.</summary>
    /// <exception cref="KafkaException">The partitions could not be read through within 30 seconds.</exception>
    public static Dictionary<TopicPartition, long> ReadAll(KafkaClients clients, IReadOnlyCollection<GroupPlace> places, DateTimeOffset time)
    {
        var from = new Timestamp(time.UtcDateTime).UnixTimestampMs;
        var (found, isWhole) = Find(clients, [.. places.Where(place => place.First < place.End)], place => place.First, record => record.Message.Timestamp.UnixTimestampMs >= from, ScanLimit);
        return isWhole
            ? places.ToDictionary(place => place.Id, place => found.TryGetValue(place.Id, out var record) ? record.Offset.Value : long.MaxValue)
            : throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"the topics could not be read within {ScanLimit}"));
    }

    private static (Dictionary<TopicPartition, ConsumeResult<byte[], byte[]>> Found, bool IsWhole) Find(
        KafkaClients clients, List<GroupPlace> places, Func<GroupPlace, long> start, Func<ConsumeResult<byte[], byte[]>, bool> isWanted, TimeSpan limit)
    {
        var found = new Dictionary<TopicPartition, ConsumeResult<byte[], byte[]>>();

        if (places.Count == 0)
        {
            return (found, IsWhole: true);
        }

        using var consumer = clients.CreateConsumer(Configure);
        consumer.Assign(places.Select(place => new TopicPartitionOffset(place.Id, start(place))));
        var missing = places.Select(place => place.Id).ToHashSet();

        for (var started = TimeProvider.System.GetTimestamp(); missing.Count > 0 && TimeProvider.System.GetElapsedTime(started) < limit;)
        {
            if (Poll(consumer) is not { } record || !missing.Contains(record.TopicPartition) || !(record.IsPartitionEOF || isWanted(record)))
            {
                continue;
            }

            missing.Remove(record.TopicPartition);
            consumer.IncrementalUnassign([record.TopicPartition]);

            if (!record.IsPartitionEOF)
            {
                found.Add(record.TopicPartition, record);
            }
        }

        return (found, missing.Count == 0);
    }

    // A partition that cannot be read just now is waited for until the limit.
    private static ConsumeResult<byte[], byte[]>? Poll(IConsumer<byte[], byte[]> consumer)
    {
        try
        {
            return consumer.Consume(PollInterval);
        }
        catch (ConsumeException exception) when (!exception.Error.IsFatal)
        {
            return null;
        }
    }

    private static void Configure(ConsumerConfig config)
    {
        config.GroupId = "first-records";
        config.EnablePartitionEof = true;
        config.AutoOffsetReset = AutoOffsetReset.Earliest;
        config.IsolationLevel = IsolationLevel.ReadUncommitted;
        config.ConsumeResultFields = "all";
    }
}
