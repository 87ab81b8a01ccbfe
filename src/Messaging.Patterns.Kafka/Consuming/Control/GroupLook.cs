using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>Looks at consumer groups from outside: offsets at the brokers, and what owners say in the control topic.</summary>
internal sealed class GroupLook(ControlTopic topic, KafkaClients clients, LocalGroups groups, TimeProvider time)
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until the control topic is read up to where it ends now.</summary>
    /// <exception cref="MessagingException">It cannot be read, or the brokers do not answer.</exception>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        long end;

        try
        {
            end = await topic.GetEndAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException exception)
        {
            throw clients.Unavailable("look where the control topic ends", exception);
        }

        while (Read() < end)
        {
            await Task.Delay(LookAgainAfter, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks where a group is.</summary>
    /// <exception cref="KafkaUnavailableException">The brokers do not answer.</exception>
    public async Task<T> AskAsync<T>(string group, Func<GroupPlaces, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(
                async () =>
                {
                    using var places = new GroupPlaces(clients, group);
                    return await ask(places).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException exception)
        {
            throw clients.Unavailable($"look where consumer group '{group}' is", exception);
        }
    }

    /// <summary>Finds the partitions that are meant.</summary>
    /// <exception cref="MessagingException">A topic or a partition is not there.</exception>
    public async Task<List<TopicPartition>> FindAsync(GroupScope scope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var admin = new AdminSource(clients, time);
        await using var _ = admin.ConfigureAwait(false);
        var found = new List<TopicPartition>();

        foreach (var name in scope.Topics.Count > 0 ? scope.Topics : TopicsOf(scope.Group))
        {
            var count = await CountAsync(admin, name, cancellationToken).ConfigureAwait(false);

            if (scope.Partitions.Where(number => number < 0 || number >= count).ToList() is [var wrong, ..])
            {
                throw new MessagingException($"Topic '{name}' has no partition {wrong}: it has {count}, from 0 to {count - 1}.");
            }

            found.AddRange((scope.Partitions.Count > 0 ? scope.Partitions : Enumerable.Range(0, count)).Select(number => new TopicPartition(name, number)));
        }

        return found;
    }

    /// <summary>Says how a group stands.</summary>
    public async Task<ConsumerGroupStatus> DescribeAsync(GroupScope scope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        await CatchUpAsync(cancellationToken).ConfigureAwait(false);
        var partitions = await FindAsync(scope, cancellationToken).ConfigureAwait(false);
        var (places, times) = await AskAsync(
            scope.Group,
            async asked =>
            {
                var places = await asked.LookAsync(partitions, cancellationToken).ConfigureAwait(false);
                return (places, FirstRecords.ReadTimes(clients, places));
            },
            cancellationToken).ConfigureAwait(false);

        lock (topic.Gate)
        {
            var described = places.OrderBy(place => place.Id.Topic, StringComparer.Ordinal).ThenBy(place => place.Id.Partition.Value);
            return new(scope.Group, [.. described.Select(place => Describe(scope.Group, place, times.TryGetValue(place.Id, out var first) ? first : null))]);
        }
    }

    private GroupPartitionStatus Describe(string group, GroupPlace place, DateTimeOffset? first)
    {
        var partition = new ControlledPartition(group, place.Id.Topic, place.Id.Partition.Value);
        var (said, orders) = (topic.Log.Reports.GetValueOrDefault(partition), topic.Log.All.GetValueOrDefault(partition));
        var age = first is { } then ? time.GetUtcNow() - then : (TimeSpan?)null;

        return new()
        {
            Topic = partition.Topic,
            Partition = partition.Partition,
            First = place.First,
            Committed = place.Committed,
            End = place.End,
            LagTime = place.Next >= place.End ? TimeSpan.Zero : age < TimeSpan.Zero ? TimeSpan.Zero : age,
            Owner = said?.Owner,
            IsPaused = orders?.IsPaused == true,
            Stopped = said?.Stopped,
            StoppedAt = said?.StoppedAt,
            Parked = said?.Parked ?? [],
            ParkedKeys = said?.ParkedKeys ?? 0,
            Rewind = orders?.Rewind is null ? null : RewindReport.Of(partition, orders, place.Next),
        };
    }

    // Which topics a pattern finds is known by what owners said.
    private List<string> TopicsOf(string group)
    {
        if (groups.Find(group) is { Options: { Patterns.Count: 0 } local })
        {
            return [.. local.Topics];
        }

        lock (topic.Gate)
        {
            return topic.Log.Reports.Keys.Concat(topic.Log.All.Keys).Where(one => one.Group == group).Select(one => one.Topic).Distinct(StringComparer.Ordinal).ToList() is { Count: > 0 } said
                ? said
                : throw new MessagingException(
                    $"The topics of consumer group '{group}' are not known here: it is not one of this process that reads topics by name, and none of its instances has said anything in the control topic. Name them in {nameof(GroupScope)}.{nameof(GroupScope.Topics)}.");
        }
    }

    private async Task<int> CountAsync(AdminSource admin, string name, CancellationToken cancellationToken)
    {
        try
        {
            var (_, found) = await FoundTopic.FindUnidentifiedAsync(admin, name, cancellationToken).ConfigureAwait(false);
            return found?.Partitions ?? throw new MessagingException($"Topic '{name}' does not exist at {clients.BootstrapServers}.");
        }
        catch (KafkaException exception)
        {
            throw clients.Unavailable($"look at topic '{name}'", exception);
        }
    }

    private long Read()
    {
        lock (topic.Gate)
        {
            return topic.Fault is null ? topic.Log.Next : throw new MessagingException(topic.Fault.Message, topic.Fault);
        }
    }
}
