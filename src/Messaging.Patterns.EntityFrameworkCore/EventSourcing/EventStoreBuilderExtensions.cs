using Messaging.Patterns;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers event stores on databases.</summary>
public static class EventStoreBuilderExtensions
{
    /// <summary>
    /// Adds an event store in the database of a context, as <see cref="IEventStore"/>, <see cref="IEventReader"/>, <see cref="IEventWriter"/> and
    /// <see cref="IEventFeed"/>, where there is none yet, and keyed by the context's type. <c>context.EventStore()</c> is the store in the context's transaction. For
    /// SQLite; PostgreSQL needs <c>AddPostgreSqlEventStore</c>. The order of this and <c>AddDbContext</c> does not matter.
    /// </summary>
    /// <typeparam name="TContext">The context, whose model has the table by <c>modelBuilder.AddEventStore()</c>.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options.</param>
    public static IMessagingPatternsBuilder AddEventStore<TContext>(this IMessagingPatternsBuilder builder, Action<EventStoreOptions>? configure = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddStore<TContext>(new SqliteEventDatabase(), configure);
        return builder;
    }
}
