using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage;

/// <summary>What a fold of one partition needs to go on where it stopped.</summary>
/// <param name="Next">The next offset to fold.</param>
/// <param name="Last">The last frame folded, by which a log that was changed meanwhile is recognised.</param>
/// <param name="Versions">The version of every stream.</param>
/// <param name="Window">The newest accepted appends, oldest first.</param>
internal sealed record PartitionCheckpoint(
    long Next,
    FoldedFrame? Last,
    IReadOnlyCollection<KeyValuePair<StreamKey, long>> Versions,
    IReadOnlyCollection<AcceptedAppend> Window)
{
    /// <summary>Takes a copy of a fold.</summary>
    public static PartitionCheckpoint Of(PartitionFold fold) => new(fold.Position, fold.Last, [.. fold.Versions.Streams], [.. fold.Window.Appends]);

    /// <summary>Puts the checkpoint back into a fold that has folded nothing yet.</summary>
    public void RestoreTo(PartitionFold fold)
    {
        fold.Versions.EnsureCapacity(Versions.Count);

        foreach (var (stream, version) in Versions)
        {
            fold.Versions.Restore(stream, version);
        }

        fold.Window.Restore(Window.Count > 0 ? Window.First().Offset : 0);

        foreach (var append in Window)
        {
            fold.Window.Add(append);
        }

        fold.Restore(Next, Last);
    }
}
