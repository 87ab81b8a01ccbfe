using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Outbox;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Microsoft.EntityFrameworkCore;

/// <summary>Adds events to what a context saves.</summary>
public static class OutboxDbContextExtensions
{
    /// <summary>Adds an event to what the next <c>SaveChanges</c> writes. It is published once the transaction has committed, and never without it.</summary>
    /// <param name="context">The context, which has an outbox by <c>AddOutbox</c> or <c>AddPostgreSqlOutbox</c>.</param>
    /// <param name="event">The event, of a type that has a route.</param>
    /// <param name="options">Where and when it goes, other than its route says.</param>
    /// <exception cref="InvalidOperationException">The context has no outbox.</exception>
    /// <exception cref="Messaging.Patterns.Serialization.UnknownEventTypeException">The event's type has no route or is not registered.</exception>
    /// <exception cref="Messaging.Patterns.Serialization.EventSerializationException">The payload cannot be written.</exception>
    public static void AddOutboxEvent(this DbContext context, EventData @event, OutboxEventOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(@event, nameof(@event));
        WriterOf(context).Add(context, @event, options);
    }

    /// <summary>Adds an event that is nothing but its payload to what the next <c>SaveChanges</c> writes.</summary>
    /// <param name="context">The context, which has an outbox by <c>AddOutbox</c> or <c>AddPostgreSqlOutbox</c>.</param>
    /// <param name="payload">An object of a type that has a route.</param>
    /// <param name="options">Where and when it goes, other than its route says.</param>
    /// <exception cref="InvalidOperationException">The context has no outbox.</exception>
    public static void AddOutboxEvent(this DbContext context, object payload, OutboxEventOptions? options = null) =>
        context.AddOutboxEvent(payload as EventData ?? new EventData(payload), options);

    /// <summary>
    /// Adds a tombstone to what the next <c>SaveChanges</c> writes, in the order of its key: a record without a value, by which a compacted topic forgets what it
    /// holds of the key, and receivers with it.
    /// </summary>
    /// <typeparam name="TEvent">A type that has a route: the tombstone goes to its topic.</typeparam>
    /// <param name="context">The context, which has an outbox by <c>AddOutbox</c> or <c>AddPostgreSqlOutbox</c>.</param>
    /// <param name="key">The key, as the route gives it for events.</param>
    /// <exception cref="InvalidOperationException">The context has no outbox.</exception>
    /// <exception cref="Messaging.Patterns.Serialization.UnknownEventTypeException">The type has no route.</exception>
    public static void AddOutboxTombstone<TEvent>(this DbContext context, string key)
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(key);
        WriterOf(context).AddTombstone(context, typeof(TEvent), key);
    }

    private static OutboxWriter WriterOf(DbContext context) => context.GetService<IDbContextOptions>().FindExtension<OutboxExtension>()?.Writer
        ?? throw new InvalidOperationException(
            $"'{context.GetType().Name}' has no outbox. Register it with AddOutbox<{context.GetType().Name}>() or AddPostgreSqlOutbox<{context.GetType().Name}>(), and let the application's services build the context.");
}
