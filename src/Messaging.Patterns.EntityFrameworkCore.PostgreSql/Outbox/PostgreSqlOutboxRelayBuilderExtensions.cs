using Messaging.Patterns;
using Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;
using Messaging.Patterns.EntityFrameworkCore.PostgreSql.Outbox.Relay;
using Messaging.Patterns.Outbox;
using Microsoft.EntityFrameworkCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the relay of an outbox on PostgreSQL.</summary>
public static class PostgreSqlOutboxRelayBuilderExtensions
{
    /// <summary>Adds the relay that sends what lies in the outbox of a context. Any number of processes may run it, those that write or others: they share the keys.</summary>
    /// <typeparam name="TContext">The context, registered with its provider.</typeparam>
    /// <param name="builder">The builder; a broker is registered too, such as with <c>AddKafka</c>.</param>
    /// <param name="configure">Sets the options.</param>
    public static IMessagingPatternsBuilder AddPostgreSqlOutboxRelay<TContext>(this IMessagingPatternsBuilder builder, Action<OutboxRelayOptions>? configure = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddRelay<TContext>((provider, options) => new PostgreSqlOutboxTable<TContext>(provider, options), configure);

        if (services.All(service => service.ImplementationType != typeof(CommitListener<TContext>)))
        {
            services.AddHostedService<CommitListener<TContext>>();
        }

        return builder;
    }
}
