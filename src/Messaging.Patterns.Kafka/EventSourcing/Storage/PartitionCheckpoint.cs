using Messaging.Patterns.Kafka.EventSourcing.Protocol;
using Messaging.Patterns.Kafka.Topics;

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
    /// <summary>Gets which topic was folded; <see cref="TopicIdentity.Unknown"/> where nobody said.</summary>
    public TopicIdentity Identity { get; init; } = TopicIdentity.Unknown;

    /// <summary>Gets the offset from which on no accepted append is missing in <see cref="Window"/>; 0 when none was forgotten.</summary>
    public long CoveredFrom { get; init; }

    /// <summary>Returns whether the window holds as many appends as are to be remembered, or all.</summary>
    public bool Covers(int windowSize) => CoveredFrom == 0 || Window.Count >= windowSize;

    /// <summary>Takes a copy of a fold.</summary>
    public static PartitionCheckpoint Of(PartitionFold fold) => new(fold.Position, fold.Last, [.. fold.Versions.Streams], [.. fold.Window.Appends])
    {
        CoveredFrom = fold.Window.CoveredFrom,
    };

    /// <summary>Puts the checkpoint back into a fold that has folded nothing yet.</summary>
    public void RestoreTo(PartitionFold fold)
    {
        fold.Versions.EnsureCapacity(Versions.Count);

        foreach (var (stream, version) in Versions)
        {
            fold.Versions.Restore(stream, version);
        }

        fold.Window.Restore(CoveredFrom);

        foreach (var append in Window)
        {
            fold.Window.Add(append);
        }

        fold.Restore(Next, Last);
    }
}
