using Messaging.Patterns;
using Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;
using Messaging.Patterns.Outbox;
using Microsoft.EntityFrameworkCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the relay of an outbox.</summary>
public static class OutboxRelayBuilderExtensions
{
    /// <summary>
    /// Adds the relay that sends what lies in the outbox of a context on SQLite; PostgreSQL needs <c>AddPostgreSqlOutboxRelay</c>. Of several processes on one
    /// database file one sends; another takes over when it ends.
    /// </summary>
    /// <typeparam name="TContext">The context, registered with its provider.</typeparam>
    /// <param name="builder">The builder; a broker is registered too, such as with <c>AddKafka</c>.</param>
    /// <param name="configure">Sets the options.</param>
    public static IMessagingPatternsBuilder AddOutboxRelay<TContext>(this IMessagingPatternsBuilder builder, Action<OutboxRelayOptions>? configure = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddRelay<TContext>((provider, _) => new SqliteOutboxTable<TContext>(provider, provider.GetRequiredService<TimeProvider>()), configure);
        builder.Services.AddOptions<OutboxRelayOptions>(typeof(TContext).FullName).Validate(
            options => !options.UseTransactions || options.TransactionalIdPrefix is not null,
            $"{nameof(OutboxRelayOptions.TransactionalIdPrefix)} must be set where {nameof(OutboxRelayOptions.UseTransactions)} is: a database of SQLite has nothing that tells it from others.");
        return builder;
    }
}
