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
        return new EntityFrameworkEventStore(new StoreContexts.OfCaller(context), PartsOf(context));
    }

    /// <summary>
    /// Seals the event store: from its return on nothing can be appended, by whomever, and everything that was appended is visible. It waits for transactions that
    /// append, while others wait behind it. Reads, the feed and subscriptions go on.
    /// </summary>
    /// <remarks>
    /// For the switch to another store. The database itself refuses events, by a trigger, so that no instance that was overlooked can append; appends end with
    /// <see cref="EventStoreDatabaseException"/>, and nothing was written. An append that is repeated with its id still answers. Sealing again does nothing.
    /// </remarks>
    /// <param name="context">The context, which has an event store; its user must own the table.</param>
    /// <param name="cancellationToken">Ends the wait; the store is then not sealed.</param>
    /// <exception cref="InvalidOperationException">The context has no event store.</exception>
    public static Task SealEventStoreAsync(this DbContext context, CancellationToken cancellationToken = default)
    {
        var parts = PartsOf(context);
        return context.Database.ExecuteSqlRawAsync(parts.Database.Seal(parts.SqlOf(context)), cancellationToken);
    }

    /// <summary>Takes the seal off, so that events can be appended again: for a switch that is called off before anything was appended to the other store.</summary>
    /// <param name="context">The context, which has an event store; its user must own the table.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The context has no event store.</exception>
    public static Task UnsealEventStoreAsync(this DbContext context, CancellationToken cancellationToken = default)
    {
        var parts = PartsOf(context);
        return context.Database.ExecuteSqlRawAsync(parts.Database.Unseal(parts.SqlOf(context)), cancellationToken);
    }

    private static StoreParts PartsOf(DbContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var extension = context.GetService<IDbContextOptions>().FindExtension<EventStoreExtension>()
            ?? throw new InvalidOperationException(
                $"'{context.GetType().Name}' has no event store. Register it with AddEventStore<{context.GetType().Name}>() or AddPostgreSqlEventStore<{context.GetType().Name}>(), and let the application's services build the context.");
        return extension.Parts;
    }
}
