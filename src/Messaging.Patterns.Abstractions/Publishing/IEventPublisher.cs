using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Publishing;

/// <summary>Publishes events that are not in a stream of ours, to the topic and key that their route says.</summary>
public interface IEventPublisher
{
    /// <summary>Publishes an event and returns once the broker has stored it as durably as its topic says.</summary>
    /// <remarks>
    /// Events of one key published one after another by one publisher are stored in that order. When the local queue is full the call waits; it never
    /// throws an event away. An event whose publishing failed or was cancelled may have been stored all the same: repeat it with the same
    /// <see cref="EventData.Id"/>, and let receivers drop duplicates by source and id.
    /// </remarks>
    /// <param name="event">The event, of a type that has a route.</param>
    /// <param name="cancellationToken">Stops the waiting; what was handed over may still be stored.</param>
    /// <returns>
    /// The place in the log up to and including the event; <see cref="Position.Start"/> in the rare case that the broker confirms an event, sent again after
    /// a lost confirmation, without saying where it is.
    /// </returns>
    /// <exception cref="MessagingException">The event was not, or may not have been, stored; <see cref="MessagingException.IsTransient"/> says whether repeating it may help.</exception>
    ValueTask<Position> PublishAsync(EventData @event, CancellationToken cancellationToken = default);

    /// <summary>Publishes a tombstone: a record with a key and no value, by which a compacted topic forgets what it holds of the key, and receivers with it.</summary>
    /// <remarks>It keeps its place among the events of the key, and what is said of failures of <see cref="PublishAsync"/> holds for it.</remarks>
    /// <typeparam name="TEvent">The type of event whose route says the topic. Everything of the key in that topic is forgotten, whatever its type.</typeparam>
    /// <param name="key">The key, as the route gives it.</param>
    /// <param name="cancellationToken">Stops the waiting; what was handed over may still be stored.</param>
    /// <returns>The place in the log up to and including the tombstone, as of <see cref="PublishAsync"/>.</returns>
    /// <exception cref="MessagingException">The tombstone was not, or may not have been, stored; <see cref="MessagingException.IsTransient"/> says whether repeating it may help.</exception>
    ValueTask<Position> PublishTombstoneAsync<TEvent>(string key, CancellationToken cancellationToken = default)
        where TEvent : class;
}
