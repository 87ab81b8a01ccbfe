namespace Messaging.Patterns.Consuming;

/// <summary>Handles one event at a time of a consumer group.</summary>
/// <typeparam name="TEvent">The event's type, or <see cref="EventSourcing.RawEvent"/>.</typeparam>
public interface IEventHandler<in TEvent>
{
    /// <summary>Handles an event. The event is done when this returns without an exception, never before.</summary>
    /// <remarks>
    /// An event may come again (after a crash, a rebalance or a rewind): make the effect repeatable, for example guarded by stream version, or with
    /// <see cref="EventContext.AppendId"/> for appends. Cancellation means that the group stops or loses the partition; the event will come again.
    /// </remarks>
    /// <param name="event">The event.</param>
    /// <param name="context">Where the event comes from.</param>
    /// <param name="cancellationToken">Set when the group stops or loses the partition.</param>
    ValueTask HandleAsync(TEvent @event, EventContext context, CancellationToken cancellationToken = default);
}
