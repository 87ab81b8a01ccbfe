namespace Messaging.Patterns.Testing.Publishing;

/// <summary>Options of the in-memory event publisher.</summary>
public sealed class InMemoryEventPublisherOptions
{
    internal List<InMemoryRoute> Routes { get; } = [];

    /// <summary>Says where published events of a type go. As on Kafka, an event whose type has no route is refused.</summary>
    /// <typeparam name="TEvent">The event's type, a registered event type.</typeparam>
    /// <param name="topic">The topic.</param>
    /// <param name="key">Returns the key of an event: events of one key stay in order.</param>
    public InMemoryEventPublisherOptions AddRoute<TEvent>(string topic, Func<TEvent, string> key)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentNullException.ThrowIfNull(key);
        Routes.Add(new(typeof(TEvent), topic, payload => key((TEvent)payload)));
        return this;
    }
}
