using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.EventSourcing.Storage;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>What an instance saved, and what it had folded by then.</summary>
internal sealed record SimCheckpoint(PartitionCheckpoint Data, IReadOnlyList<FoldedFrame> Folded)
{
    public static SimCheckpoint Nothing { get; } = new(new PartitionCheckpoint(0, null, [], []), []);

    public static SimCheckpoint Of(SimInstance instance) => new(PartitionCheckpoint.Of(instance.Fold), [.. instance.Folded]);

    /// <summary>Puts it back into a fold that remembers a number of appends.</summary>
    public PartitionFold Restore(int windowCapacity)
    {
        var fold = new PartitionFold(PartitionSimulation.Partitions, windowCapacity);
        Data.RestoreTo(fold);
        return fold;
    }
}
