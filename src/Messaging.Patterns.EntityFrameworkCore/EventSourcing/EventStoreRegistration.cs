using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Projections;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>Registers the event store of a context; the database's package says what is special about it.</summary>
internal static class EventStoreRegistration
{
    public static void AddStore<TContext>(this IServiceCollection services, EventDatabase database, Action<EventStoreOptions>? configure)
        where TContext : DbContext
    {
        var (key, name) = (typeof(TContext), typeof(TContext).FullName!);

        if (!services.Any(service => service.ServiceType == typeof(StoreParts) && key.Equals(service.ServiceKey)))
        {
            services.AddContextOptions<EventStoreOptions, EventStoreOptionsValidator>(name, EventStoreOptions.Section);
            services.AddKeyedSingleton(key, (provider, _) => ActivatorUtilities.CreateInstance<StoreParts>(
                provider, database, OptionsOf(provider, name), provider.GetKeyedServices<InlineProjection>(key)));
            services.AddKeyedSingleton(key, (provider, _) => ActivatorUtilities.CreateInstance<FeedWatch>(provider, typeof(TContext).Name, OptionsOf(provider, name)));
            services.ConfigureDbContext<TContext>(static (provider, options) => ((IDbContextOptionsBuilderInfrastructure)options).AddOrUpdateExtension(
                new EventStoreExtension(provider.GetRequiredKeyedService<StoreParts>(typeof(TContext)))));
            LostTransactionGuard.AddTo<TContext>(services);
            services.AddRoles<TContext>(key);
            services.AddHealthChecks().Add(new HealthCheckRegistration(
                $"event-feed-{typeof(TContext).Name}", provider => new EventFeedHealthCheck(provider.GetRequiredKeyedService<FeedWatch>(key)), failureStatus: null, tags: null));
            TableVerification<TContext>.Add(services, provider => OptionsOf(provider, name).VerifyTables, (context, token) => FindFaultsAsync(context, database, token));
        }

        services.Configure(name, configure ?? (_ => { }));
    }

    /// <summary>Returns every fault of the tables with its remedy.</summary>
    public static async Task<IReadOnlyList<string>> FindFaultsAsync(DbContext context, EventDatabase database, CancellationToken cancellationToken)
    {
        // Another database is a fault whatever its tables are.
        if (database.FindProviderFault(context) is { } fault)
        {
            return [fault];
        }

        var check = new TableCheck(context);
        string?[] found =
        [
            await check.FindFaultAsync<EventRow>(cancellationToken, nameof(EventStoreModelBuilderExtensions.AddEventStore)).ConfigureAwait(false),
            await check.FindFaultAsync<SubscriptionRow>(cancellationToken, nameof(EventStoreModelBuilderExtensions.AddEventStore)).ConfigureAwait(false),
        ];
        List<string> missing = [.. found.OfType<string>()];

        if (missing.Count > 0)
        {
            return missing;
        }

        var unique = await database.FindUniqueIndexesAsync(context, cancellationToken).ConfigureAwait(false);
        return
        [
            .. await check.FindIndexFaultsAsync<EventRow>(unique, cancellationToken).ConfigureAwait(false),
            .. await database.FindFaultsAsync(context, cancellationToken).ConfigureAwait(false),
        ];
    }

    private static void AddRoles<TContext>(this IServiceCollection services, Type key)
        where TContext : DbContext
    {
        services.AddKeyedSingleton(key, (provider, _) => new EntityFrameworkEventStore(ContextsOf<TContext>(provider), provider.GetRequiredKeyedService<StoreParts>(key)));
        services.AddKeyedSingleton<IEventStore>(key, (provider, _) => provider.GetRequiredKeyedService<EntityFrameworkEventStore>(key));
        services.AddKeyedSingleton<IEventFeed>(key, (provider, _) => new EntityFrameworkEventFeed(
            ContextsOf<TContext>(provider), provider.GetRequiredKeyedService<StoreParts>(key), provider.GetRequiredKeyedService<FeedWatch>(key)));
        services.TryAddSingleton<IEventStore>(provider => provider.GetRequiredKeyedService<EntityFrameworkEventStore>(key));
        services.TryAddSingleton<IEventReader>(provider => provider.GetRequiredKeyedService<EntityFrameworkEventStore>(key));
        services.TryAddSingleton<IEventWriter>(provider => provider.GetRequiredKeyedService<EntityFrameworkEventStore>(key));
        services.TryAddSingleton<IEventFeed>(provider => provider.GetRequiredKeyedService<IEventFeed>(key));
    }

    private static StoreContexts.Own<TContext> ContextsOf<TContext>(IServiceProvider provider)
        where TContext : DbContext => new(provider.GetRequiredService<IServiceScopeFactory>());

    private static EventStoreOptions OptionsOf(IServiceProvider provider, string name) => provider.GetRequiredService<IOptionsMonitor<EventStoreOptions>>().Get(name);
}
