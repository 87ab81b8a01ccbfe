using System.Diagnostics.CodeAnalysis;
using Messaging.Patterns;
using Messaging.Patterns.EntityFrameworkCore;
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
    /// SQLite; PostgreSQL needs <c>AddPostgreSqlEventStore</c>, SQL Server <c>AddSqlServerEventStore</c>. The order of this and <c>AddDbContext</c> does not matter.
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

    /// <summary>
    /// Adds an event store in the SQL Server database of a context, as <see cref="IEventStore"/>, <see cref="IEventReader"/>, <see cref="IEventWriter"/> and
    /// <see cref="IEventFeed"/>, where there is none yet, and keyed by the context's type. <c>context.EventStore()</c> is the store in the context's transaction. The order
    /// of this and <c>AddDbContext</c> does not matter.
    /// </summary>
    /// <remarks>
    /// The statements are reviewed, read by Microsoft's own parser, and simulated together with a model of the server's locks, but were never run by the makers of this
    /// library against a server. Run the contract suites against yours before you rely on it: <c>SQLSERVER_CONNECTION</c>, see <c>CONTRIBUTING.md</c>. One transaction appends at a time, from its append to
    /// its end. Needs SQL Server 2017 or Azure SQL, and a database with <c>READ_COMMITTED_SNAPSHOT</c>.
    /// </remarks>
    /// <typeparam name="TContext">The context, whose model has the tables by <c>modelBuilder.AddEventStore()</c>.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options.</param>
    [Experimental(SqlServerProvider.Diagnostic)]
    public static IMessagingPatternsBuilder AddSqlServerEventStore<TContext>(this IMessagingPatternsBuilder builder, Action<EventStoreOptions>? configure = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddStore<TContext>(new SqlServerEventDatabase(), configure);
        return builder;
    }
}
