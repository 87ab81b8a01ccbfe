namespace Messaging.Patterns.Consuming;

/// <summary>An event and where it comes from.</summary>
/// <typeparam name="TEvent">The event's type.</typeparam>
/// <param name="Event">The event.</param>
/// <param name="Context">Where it comes from.</param>
public sealed record EventEnvelope<TEvent>(TEvent Event, EventContext Context);
