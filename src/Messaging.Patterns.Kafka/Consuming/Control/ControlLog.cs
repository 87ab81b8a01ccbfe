namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>The control topic as one instance has read it. Pure; the caller locks.</summary>
internal sealed class ControlLog
{
    private readonly Dictionary<ControlledPartition, PartitionOrders> _partitions = [];
    private readonly Dictionary<ControlledPartition, ControlEntry.Report> _reports = [];

    /// <summary>Gets the offset up to which it is read.</summary>
    public long Next { get; private set; }

    /// <summary>Gets every partition of which something is said.</summary>
    public IReadOnlyDictionary<ControlledPartition, PartitionOrders> All => _partitions;

    /// <summary>Gets every partition of which an owner said something, and what was said last.</summary>
    public IReadOnlyDictionary<ControlledPartition, ControlEntry.Report> Reports => _reports;

    /// <summary>Returns what is said of a partition; what is read later shows in it too.</summary>
    public PartitionOrders Find(ControlledPartition partition)
    {
        if (!_partitions.TryGetValue(partition, out var orders))
        {
            _partitions.Add(partition, orders = new PartitionOrders());
        }

        return orders;
    }

    /// <summary>A record was read.</summary>
    public void Read(long offset, ControlledPartition partition, ControlEntry entry)
    {
        if (entry is ControlEntry.Report report)
        {
            _reports[partition] = report;
        }
        else
        {
            Find(partition).Apply(offset, entry);
        }

        ReadTo(offset + 1);
    }

    /// <summary>There is nothing more before an offset.</summary>
    public void ReadTo(long next) => Next = Math.Max(Next, next);
}
