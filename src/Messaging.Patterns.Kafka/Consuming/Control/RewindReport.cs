using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>How far rewinds are carried out, as the control topic and the group's commits say.</summary>
internal static class RewindReport
{
    /// <summary>Says how far the last rewind of a partition is.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="orders">Its orders, with a rewind among them.</param>
    /// <param name="next">The offset from which the group goes on now.</param>
    public static RewoundPartition Of(ControlledPartition partition, PartitionOrders orders, long next)
    {
        var (epoch, rewind) = orders.Rewind!.Value;
        var state = orders.IsRewindPending ? RewindState.Asked : orders.Done.Rewound >= epoch ? RewindState.Done : RewindState.Refused;
        return new(partition.Topic, partition.Partition, rewind.Target, epoch, state) { Until = rewind.Handled, Next = next, Asked = rewind.Asked };
    }
}
