namespace Messaging.Patterns.EventSourcing;

/// <summary>A copy cannot go on: the target holds something else than the source, or refuses what the source holds. What was copied before stays.</summary>
/// <param name="difference">What was expected and what was found.</param>
/// <param name="remedy">What to do.</param>
/// <param name="inner">The cause, or <see langword="null"/>.</param>
public sealed class EventCopyException(EventDifference difference, string remedy, Exception? inner = null)
    : MessagingException($"Cannot copy {difference}. {remedy}", inner)
{
    /// <summary>Gets what was expected and what was found.</summary>
    public EventDifference Difference { get; } = difference;
}
