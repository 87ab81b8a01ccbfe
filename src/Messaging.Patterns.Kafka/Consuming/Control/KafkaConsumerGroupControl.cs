using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>Gives orders by the control topic.</summary>
internal sealed class KafkaConsumerGroupControl(
    ControlTopic topic, KafkaClients clients, TopicProvisioner provisioner, IEnumerable<ConsumerGroupName> groups, IOptionsMonitor<KafkaConsumerGroupOptions> options, TimeProvider time)
    : IConsumerGroupControl
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);

    public async ValueTask<RewindPlan> PlanRewindAsync(GroupScope scope, RewindTarget target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        var partitions = await FindAsync(scope, cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow();
        return new RewindPlan(scope.Group, await AskAsync(scope.Group, places => places.Resolve(partitions, target, now), cancellationToken).ConfigureAwait(false));
    }

    public async ValueTask<string> RewindAsync(RewindPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var (operation, asked) = (Guid.CreateVersion7().ToString("N"), time.GetUtcNow());
        await OrderAsync(
            plan.Partitions.Select(one => (new ControlledPartition(plan.Group, one.Topic, one.Partition), (ControlEntry.Order)new ControlEntry.Rewind(operation, plan.Partitions.Count, one.Target, one.Committed, asked))),
            cancellationToken).ConfigureAwait(false);
        return operation;
    }

    public async ValueTask<RewindStatus> GetRewindAsync(string group, string operation, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(group);
        await CatchUpAsync(cancellationToken).ConfigureAwait(false);

        lock (topic.Gate)
        {
            var rewound = topic.Log.All.Where(one => one.Key.Group == group && one.Value.Rewind?.Order.Operation == operation)
                .OrderBy(one => one.Key.Topic, StringComparer.Ordinal).ThenBy(one => one.Key.Partition);
            return new RewindStatus(operation, group, [.. rewound.Select(one => StatusOf(one.Key, one.Value))]);
        }
    }

    public ValueTask PauseAsync(GroupScope scope, CancellationToken cancellationToken = default) => PauseAsync(scope, isPaused: true, cancellationToken);

    public ValueTask ResumeAsync(GroupScope scope, CancellationToken cancellationToken = default) => PauseAsync(scope, isPaused: false, cancellationToken);

    public async ValueTask SkipAsync(string group, string topic, int partition, long offset, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(topic);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var found = await FindAsync(new GroupScope(group) { Topics = [topic], Partitions = [partition] }, cancellationToken).ConfigureAwait(false);
        await OrderAsync(found.Select(one => (new ControlledPartition(group, one.Topic, one.Partition.Value), (ControlEntry.Order)new ControlEntry.Skip(NewOperation(), offset))), cancellationToken)
            .ConfigureAwait(false);
    }

    private static string NewOperation() => Guid.CreateVersion7().ToString("N");

    private static RewoundPartition StatusOf(ControlledPartition partition, PartitionOrders orders)
    {
        var (epoch, rewind) = orders.Rewind!.Value;
        return new(partition.Topic, partition.Partition, rewind.Target, epoch, orders.IsRewindPending ? RewindState.Asked : orders.Done.Rewound >= epoch ? RewindState.Done : RewindState.Refused);
    }

    private async ValueTask PauseAsync(GroupScope scope, bool isPaused, CancellationToken cancellationToken)
    {
        var (found, operation) = (await FindAsync(scope, cancellationToken).ConfigureAwait(false), NewOperation());
        await OrderAsync(found.Select(one => (new ControlledPartition(scope.Group, one.Topic, one.Partition.Value), (ControlEntry.Order)new ControlEntry.Pause(operation, isPaused))), cancellationToken)
            .ConfigureAwait(false);
    }

    // One after another: of an order that fails in the middle it is clear how far it got, and partitions do not depend on each other.
    private async Task OrderAsync(IEnumerable<(ControlledPartition Partition, ControlEntry.Order Order)> orders, CancellationToken cancellationToken)
    {
        try
        {
            await topic.BeginAsync(cancellationToken).ConfigureAwait(false);

            foreach (var (partition, order) in orders)
            {
                await topic.WriteAsync(partition, order, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (KafkaException exception)
        {
            throw clients.Unavailable("store an order to a consumer group", exception);
        }
    }

    private async Task CatchUpAsync(CancellationToken cancellationToken)
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

    private long Read()
    {
        lock (topic.Gate)
        {
            return topic.Fault is null ? topic.Log.Next : throw new MessagingException(topic.Fault.Message, topic.Fault);
        }
    }

    private async Task<T> AskAsync<T>(string group, Func<GroupPlaces, T> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(
                () =>
                {
                    using var places = new GroupPlaces(clients, group);
                    return ask(places);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException exception)
        {
            throw clients.Unavailable($"look where consumer group '{group}' is", exception);
        }
    }

    private async Task<List<TopicPartition>> FindAsync(GroupScope scope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var names = scope.Topics.Count > 0 ? scope.Topics : TopicsOf(scope.Group);
        var found = new List<TopicPartition>();

        foreach (var name in names)
        {
            var count = (await provisioner.WaitForTopicAsync(name, cancellationToken).ConfigureAwait(false)).Partitions;

            if (scope.Partitions.Where(number => number < 0 || number >= count).ToList() is [var wrong, ..])
            {
                throw new MessagingException($"Topic '{name}' has no partition {wrong}: it has {count}, from 0 to {count - 1}.");
            }

            found.AddRange((scope.Partitions.Count > 0 ? scope.Partitions : Enumerable.Range(0, count)).Select(number => new TopicPartition(name, number)));
        }

        return found;
    }

    private IReadOnlyCollection<string> TopicsOf(string group) => groups.Any(known => known.Value == group)
        ? options.Get(group) is { Patterns.Count: 0 } known
            ? [.. known.Topics]
            : throw new MessagingException($"Consumer group '{group}' reads topics by pattern, so they are not known here. Name them in {nameof(GroupScope)}.{nameof(GroupScope.Topics)}.")
        : throw new MessagingException($"Consumer group '{group}' is not one of this process, so its topics are not known here. Name them in {nameof(GroupScope)}.{nameof(GroupScope.Topics)}.");
}
