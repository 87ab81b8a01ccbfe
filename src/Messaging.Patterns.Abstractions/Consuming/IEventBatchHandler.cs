namespace Messaging.Patterns.Consuming;

/// <summary>Handles several events of a consumer group at a time, for example in one transaction.</summary>
/// <typeparam name="TEvent">The events' type, or <see cref="EventSourcing.RawEvent"/>.</typeparam>
public interface IEventBatchHandler<TEvent>
{
    /// <summary>Handles events. They are done, all of them, when this returns without an exception, never before.</summary>
    /// <remarks>
    /// The events are of one partition and in its order; those of a key are complete up to the last of them. After a failure, a crash or a rebalance all of
    /// them come again, perhaps divided otherwise: make the effect repeatable, as for <see cref="IEventHandler{TEvent}"/>.
    /// </remarks>
    /// <param name="events">The events, at least one.</param>
    /// <param name="cancellationToken">Set when the group stops or loses the partition.</param>
    ValueTask HandleAsync(IReadOnlyList<EventEnvelope<TEvent>> events, CancellationToken cancellationToken = default);
}
