using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Outbox;

/// <summary>Shorter ways to add events to an outbox.</summary>
public static class OutboxExtensions
{
    /// <summary>Adds an event that is nothing but its payload.</summary>
    /// <param name="outbox">The outbox.</param>
    /// <param name="payload">An object of a type that has a route.</param>
    /// <param name="options">Where and when it goes, other than its route says.</param>
    public static void Add(this IOutbox outbox, object payload, OutboxEventOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(outbox);
        outbox.Add(payload as EventData ?? new EventData(payload), options);
    }
}
