using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>A checkpoint: all that a fold saves, put back into a new one.</summary>
internal static class FoldCopy
{
    public static PartitionFold Of(PartitionFold fold, int windowCapacity)
    {
        var copy = new PartitionFold(fold.Partitions, windowCapacity);
        copy.Restore(fold.Position, fold.Last);
        copy.Window.Restore(fold.Window.CoveredFrom);

        foreach (var (stream, version) in fold.Versions.Streams)
        {
            copy.Versions.Restore(stream, version);
        }

        foreach (var accepted in fold.Window.Appends)
        {
            copy.Window.Add(accepted);
        }

        return copy;
    }
}
