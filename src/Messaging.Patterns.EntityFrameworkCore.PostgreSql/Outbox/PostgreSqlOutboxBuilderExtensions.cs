using Messaging.Patterns;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;
using Messaging.Patterns.EntityFrameworkCore.PostgreSql.Outbox.Relay;
using Microsoft.EntityFrameworkCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers outboxes on PostgreSQL.</summary>
public static class PostgreSqlOutboxBuilderExtensions
{
    /// <summary>
    /// Gives a context on PostgreSQL an outbox: <c>context.AddOutboxEvent(...)</c>, <see cref="IOutbox{TContext}"/>, and
    /// <see cref="Messaging.Patterns.Outbox.IOutbox"/> where only one context has one. The order of this and <c>AddDbContext</c> does not matter.
    /// </summary>
    /// <typeparam name="TContext">The context, whose model has the tables by <c>modelBuilder.AddMessagingPatterns()</c>.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options.</param>
    public static IMessagingPatternsBuilder AddPostgreSqlOutbox<TContext>(this IMessagingPatternsBuilder builder, Action<OutboxOptions>? configure = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.ConfigureDbContext<TContext>(options => options.UsePostgreSqlOutbox());
        builder.AddOutbox<TContext>(configure);

        if (services.All(service => service.ImplementationType != typeof(CommitNotifier<TContext>)))
        {
            services.AddCommits<TContext>();
            services.AddHostedService<CommitNotifier<TContext>>();
        }

        return builder;
    }
}
