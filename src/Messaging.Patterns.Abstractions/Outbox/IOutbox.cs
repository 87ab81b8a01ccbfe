using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Outbox;

/// <summary>Takes events that are to be published if, and only if, the caller's own database transaction commits.</summary>
public interface IOutbox
{
    /// <summary>Adds an event to what the next save of the caller's unit of work writes. Nothing is written before.</summary>
    /// <remarks>Events of one key are published in the order in which the database serialised the transactions that added them, and within a transaction as they were added.</remarks>
    /// <param name="event">The event, of a type that has a route.</param>
    /// <param name="options">Where and when it goes, other than its route says.</param>
    /// <exception cref="Serialization.UnknownEventTypeException">The event's type has no route or is not registered.</exception>
    /// <exception cref="Serialization.EventSerializationException">The payload cannot be written.</exception>
    /// <exception cref="ArgumentException">A name in metadata or headers cannot be one, or the route gave no key.</exception>
    void Add(EventData @event, OutboxEventOptions? options = null);

    /// <summary>Adds a tombstone in the order of its key: a record without a value, by which a compacted topic forgets what it holds of the key, and receivers with it.</summary>
    /// <typeparam name="TEvent">A type that has a route: the tombstone goes to its topic.</typeparam>
    /// <param name="key">The key, as the route gives it for events.</param>
    /// <exception cref="Serialization.UnknownEventTypeException">The type has no route.</exception>
    void AddTombstone<TEvent>(string key)
        where TEvent : class;
}
