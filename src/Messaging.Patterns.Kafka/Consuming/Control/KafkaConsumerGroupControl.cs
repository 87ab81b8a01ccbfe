using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>Gives orders by the control topic.</summary>
internal sealed class KafkaConsumerGroupControl(ControlTopic topic, KafkaClients clients, LocalGroups groups, TimeProvider time) : IConsumerGroupControl
{
    private readonly GroupLook _look = new(topic, clients, groups, time);

    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        await _look.CatchUpAsync(cancellationToken).ConfigureAwait(false);

        lock (topic.Gate)
        {
            return [.. topic.Log.Reports.Keys.Concat(topic.Log.All.Keys).Select(one => one.Group).Concat(groups.Names).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        }
    }

    public async ValueTask<ConsumerGroupStatus> DescribeAsync(GroupScope scope, CancellationToken cancellationToken = default) =>
        await _look.DescribeAsync(scope, cancellationToken).ConfigureAwait(false);

    public async ValueTask WaitForAsync(string group, Position position, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(group);
        ArgumentNullException.ThrowIfNull(position);
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        await new PositionWait(group, position, topic, clients, groups.Find(group), time).RunAsync(timeout, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<RewindPlan> PlanRewindAsync(GroupScope scope, RewindTarget target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        var partitions = await _look.FindAsync(scope, cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow();
        return new RewindPlan(scope.Group, await _look.AskAsync(scope.Group, places => places.ResolveAsync(partitions, target, now, cancellationToken), cancellationToken).ConfigureAwait(false));
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
        await _look.CatchUpAsync(cancellationToken).ConfigureAwait(false);

        return (await FindRewindsAsync(group, operation, cancellationToken).ConfigureAwait(false)).SingleOrDefault() ?? new RewindStatus(operation, group, []);
    }

    public async ValueTask<IReadOnlyList<RewindStatus>> ListRewindsAsync(string group, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(group);
        await _look.CatchUpAsync(cancellationToken).ConfigureAwait(false);
        return await FindRewindsAsync(group, operation: null, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask PauseAsync(GroupScope scope, CancellationToken cancellationToken = default) => PauseAsync(scope, isPaused: true, cancellationToken);

    public ValueTask ResumeAsync(GroupScope scope, CancellationToken cancellationToken = default) => PauseAsync(scope, isPaused: false, cancellationToken);

    public async ValueTask SkipAsync(string group, string topic, int partition, long offset, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(topic);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var found = await _look.FindAsync(new GroupScope(group) { Topics = [topic], Partitions = [partition] }, cancellationToken).ConfigureAwait(false);
        await OrderAsync(found.Select(one => (new ControlledPartition(group, one.Topic, one.Partition.Value), (ControlEntry.Order)new ControlEntry.Skip(NewOperation(), offset))), cancellationToken)
            .ConfigureAwait(false);
    }

    private static string NewOperation() => Guid.CreateVersion7().ToString("N");

    private async Task<List<RewindStatus>> FindRewindsAsync(string group, string? operation, CancellationToken cancellationToken)
    {
        List<(ControlledPartition Partition, PartitionOrders Orders)> rewound;

        lock (topic.Gate)
        {
            rewound = [.. topic.Log.All.Where(one => one.Key.Group == group && one.Value.Rewind is { } rewind && (operation ?? rewind.Order.Operation) == rewind.Order.Operation).Select(one => (one.Key, one.Value))];
        }

        if (rewound.Count == 0)
        {
            return [];
        }

        var ids = rewound.Select(one => new TopicPartition(one.Partition.Topic, one.Partition.Partition)).ToList();
        var committed = await _look.AskAsync(group, places => places.CommittedAsync(ids, cancellationToken), cancellationToken).ConfigureAwait(false);

        lock (topic.Gate)
        {
            return
            [
                .. rewound.GroupBy(one => one.Orders.Rewind!.Value.Order.Operation)
                    .OrderByDescending(one => one.Max(partition => partition.Orders.Rewind!.Value.Epoch))
                    .Select(one => new RewindStatus(one.Key, group, [.. one
                        .OrderBy(partition => partition.Partition.Topic, StringComparer.Ordinal).ThenBy(partition => partition.Partition.Partition)
                        .Select(partition => RewindReport.Of(partition.Partition, partition.Orders, committed[new(partition.Partition.Topic, partition.Partition.Partition)] ?? 0))])),
            ];
        }
    }

    private async ValueTask PauseAsync(GroupScope scope, bool isPaused, CancellationToken cancellationToken)
    {
        var (found, operation) = (await _look.FindAsync(scope, cancellationToken).ConfigureAwait(false), NewOperation());
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
}
