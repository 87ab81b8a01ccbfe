using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Microsoft.EntityFrameworkCore;

/// <summary>Appends events in the transaction of a context.</summary>
public static class EventStoreDbContextExtensions
{
    /// <summary>
    /// Returns the event store through this context: appends and reads take part in its current transaction, and roll back with it. Without one, an append commits by
    /// itself. As with the context, one call at a time.
    /// </summary>
    /// <remarks>
    /// Within a transaction other appends to the same stream wait for its end, and an append that fails leaves the transaction to be rolled back where the
    /// database demands it. The position of an append can be waited for once the transaction has committed.
    /// </remarks>
    /// <param name="context">The context, which has an event store by <c>AddEventStore</c> or <c>AddPostgreSqlEventStore</c>.</param>
    /// <exception cref="InvalidOperationException">The context has no event store.</exception>
    public static IEventStore EventStore(this DbContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var extension = context.GetService<IDbContextOptions>().FindExtension<EventStoreExtension>()
            ?? throw new InvalidOperationException(
                $"'{context.GetType().Name}' has no event store. Register it with AddEventStore<{context.GetType().Name}>() or AddPostgreSqlEventStore<{context.GetType().Name}>(), and let the application's services build the context.");
        return new EntityFrameworkEventStore(new StoreContexts.OfCaller(context), extension.Parts);
    }
}
