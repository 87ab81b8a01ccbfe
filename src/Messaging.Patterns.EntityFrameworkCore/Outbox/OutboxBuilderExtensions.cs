using Messaging.Patterns;
using Messaging.Patterns.EntityFrameworkCore;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.Publishing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers outboxes.</summary>
public static class OutboxBuilderExtensions
{
    /// <summary>
    /// Gives a context an outbox: <c>context.AddOutboxEvent(...)</c>, <see cref="IOutbox{TContext}"/>, and <see cref="Messaging.Patterns.Outbox.IOutbox"/> where only
    /// one context has one. For SQLite; PostgreSQL needs <c>AddPostgreSqlOutbox</c>. The order of this and <c>AddDbContext</c> does not matter.
    /// </summary>
    /// <typeparam name="TContext">The context, whose model has the tables by <c>modelBuilder.AddMessagingPatterns()</c>.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options.</param>
    public static IMessagingPatternsBuilder AddOutbox<TContext>(this IMessagingPatternsBuilder builder, Action<OutboxOptions>? configure = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        var (services, name) = (builder.Services, typeof(TContext).FullName!);

        if (services.All(service => service.ServiceType != typeof(IOutbox<TContext>)))
        {
            services.AddContextOptions<OutboxOptions, OutboxOptionsValidator>(name, OutboxOptions.Section);
            services.AddOptions<EventRouteOptions>();
            services.AddKeyedSingleton(typeof(TContext), (provider, _) =>
                ActivatorUtilities.CreateInstance<OutboxWriter>(provider, provider.GetRequiredService<IOptionsMonitor<OutboxOptions>>().Get(name)));
            services.ConfigureDbContext<TContext>(static (provider, options) =>
            {
                var writer = provider.GetRequiredKeyedService<OutboxWriter>(typeof(TContext));
                ((IDbContextOptionsBuilderInfrastructure)options).AddOrUpdateExtension(new OutboxExtension(writer));
                options.AddInterceptors(new OutboxInterceptor(writer));
            });
            LostTransactionGuard.AddTo<TContext>(services);
            services.AddScoped<IOutbox<TContext>, ContextOutbox<TContext>>();
            services.AddSingleton(new OutboxRegistration(typeof(TContext), provider => provider.GetRequiredService<IOutbox<TContext>>()));
            services.TryAddScoped(OutboxRegistration.FindOnly);
            TableVerification<TContext>.Add(services, provider => provider.GetRequiredService<IOptionsMonitor<OutboxOptions>>().Get(name).VerifyTables, OutboxTables.FindFaultsAsync);
        }

        services.Configure(name, configure ?? (_ => { }));
        return builder;
    }
}
