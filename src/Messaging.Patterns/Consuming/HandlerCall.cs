namespace Messaging.Patterns.Consuming;

/// <summary>Events that are handed to their handlers together: one, or the events of a batch.</summary>
/// <param name="Events">The events in their order, at least one.</param>
/// <param name="Services">The services of the DI scope from which the handlers come.</param>
public sealed record HandlerCall(IReadOnlyList<EventEnvelope<object>> Events, IServiceProvider Services);
