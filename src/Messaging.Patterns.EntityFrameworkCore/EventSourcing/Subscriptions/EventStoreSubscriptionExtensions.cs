using Messaging.Patterns;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers subscriptions to event stores on databases.</summary>
public static class EventStoreSubscriptionExtensions
{
    /// <summary>
    /// Adds a subscription: handlers get all events of the store in a context's database, from the first one on, in the order of the feed, each in a transaction of the context
    /// in which the subscription's place is kept. What they save through the context takes effect once. Of all instances that have the subscription one works
    /// on it, and another takes over when it is gone. An event that fails is tried again; everything behind it waits.
    /// </summary>
    /// <typeparam name="TContext">The context, whose event store is registered by <c>AddEventStore</c> or <c>AddPostgreSqlEventStore</c>.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The subscription's name: the same in all instances, and unique in the database. Each is added once.</param>
    /// <param name="configure">Says who handles the events.</param>
    /// <exception cref="ArgumentException">A subscription with the name was added already.</exception>
    public static IMessagingPatternsBuilder AddEventStoreSubscription<TContext>(this IMessagingPatternsBuilder builder, string name, Action<EventStoreSubscriptionBuilder> configure)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        var services = builder.Services;

        if (services.Any(service => service.ServiceType == typeof(SubscriptionState) && name.Equals(service.ServiceKey)))
        {
            throw new ArgumentException($"Subscription '{name}' was added already. Give each a name of its own.", nameof(name));
        }

        services.AddOptionsWithValidateOnStart<EventStoreSubscriptionOptions, EventStoreSubscriptionOptionsValidator>(name);
        services.AddKeyedSingleton(name, new SubscriptionState());
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<Subscription<TContext>>(
            provider, name, provider.GetRequiredService<IOptionsMonitor<EventStoreSubscriptionOptions>>().Get(name), provider.GetRequiredKeyedService<SubscriptionState>(name)));
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            $"event-subscription-{name}", provider => provider.GetRequiredKeyedService<SubscriptionState>(name), failureStatus: null, tags: null));
        configure(new EventStoreSubscriptionBuilder(services, name));
        return builder;
    }
}
