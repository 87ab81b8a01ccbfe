namespace Messaging.Patterns.EventSourcing;

/// <summary>What came of comparing a store with what was to be copied into it.</summary>
/// <param name="Progress">How much was compared, and up to which place in the source.</param>
/// <param name="Streams">How many streams were compared.</param>
/// <param name="Differences">The first differences found, at most 100, one for each append at most.</param>
public sealed record EventComparison(EventCopyProgress Progress, long Streams, IReadOnlyList<EventDifference> Differences)
{
    /// <summary>Gets whether the target holds exactly what the source holds.</summary>
    public bool IsEqual => Differences.Count == 0;
}
