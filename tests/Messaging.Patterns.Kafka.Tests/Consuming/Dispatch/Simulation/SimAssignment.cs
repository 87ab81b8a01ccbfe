using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;

/// <summary>One assignment of a partition to a simulated member: where it started, what came, and what is done.</summary>
internal sealed class SimAssignment(SimMember member, SimTopicPartition partition, PartitionDispatch<SimDelivery> dispatch)
{
    public SimMember Member { get; } = member;

    public SimTopicPartition Partition { get; } = partition;

    public PartitionDispatch<SimDelivery> Dispatch { get; } = dispatch;

    public long Start { get; } = partition.Committed;

    /// <summary>Gets or sets the place in the log that is fetched next.</summary>
    public int Next { get; set; } = partition.Log.FindIndex(record => record.Offset >= partition.Committed) is >= 0 and var found ? found : partition.Log.Count;

    /// <summary>Gets or sets the offset of the last record that was taken; -1 while there is none.</summary>
    public long LastTaken { get; set; } = -1;

    public Queue<TakenRecord<SimDelivery>> Intake { get; } = new();

    public HashSet<long> Done { get; } = [];

    /// <summary>Gets the offsets of records that were to be handled.</summary>
    public List<SimRecord> Enqueued { get; } = [];

    /// <summary>Gets when records failed first, at what fails now.</summary>
    public Dictionary<long, long> FailedSince { get; } = [];

    /// <summary>Gets when they failed last.</summary>
    public Dictionary<long, long> FailedLast { get; } = [];

    /// <summary>Gets or sets whether nothing may be given out any more.</summary>
    public bool IsQuiet { get; set; }

    /// <summary>Gets or sets whether a record could not be read, so that nothing after it comes.</summary>
    public bool HasStopped { get; set; }

    public bool HasLeft { get; set; }

    /// <summary>Gets whether everything before an offset that came with this assignment is done.</summary>
    public bool IsDoneBefore(long offset) => Partition.Log.Where(record => record.Offset >= Start && record.Offset < offset).All(record => Done.Contains(record.Offset));
}

/// <summary>A record as it came with an assignment.</summary>
internal readonly record struct SimDelivery(SimAssignment Assignment, SimRecord Record);
