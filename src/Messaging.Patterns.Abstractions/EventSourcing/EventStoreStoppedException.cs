namespace Messaging.Patterns.EventSourcing;

/// <summary>The store has stopped because going on could break a guarantee, such as a log that lost records. An operator must look.</summary>
/// <param name="reason">What was found, what was expected, and the remedy.</param>
/// <param name="inner">The cause, or <see langword="null"/>.</param>
public sealed class EventStoreStoppedException(string reason, Exception? inner = null)
    : MessagingException($"The event store has stopped: {reason}", inner);
