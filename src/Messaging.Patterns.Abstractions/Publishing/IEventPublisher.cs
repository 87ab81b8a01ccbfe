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
}
