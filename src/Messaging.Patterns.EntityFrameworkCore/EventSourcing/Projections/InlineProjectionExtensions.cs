using Messaging.Patterns;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Projections;
using Messaging.Patterns.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers projections that are part of the appends to an event store on a database.</summary>
public static class InlineProjectionExtensions
{
    /// <summary>
    /// Adds an inline projection: handlers get the events of each append to the event store of a context in the append's own transaction, so that what they save is there when
    /// the append is, and never without it. A handler that fails makes the append fail.
    /// </summary>
    /// <remarks>
    /// Handlers get a context of their own, in the transaction of the append; it is saved for them after each event. They are called for events that are appended from now
    /// on, in the order of their registration, and hold up the append and the stream: they should do nothing but write to the context.
    /// </remarks>
    /// <typeparam name="TContext">The context, whose event store is registered by <c>AddEventStore</c> or <c>AddPostgreSqlEventStore</c>.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The projection's name, by which errors tell of it. Each is added once.</param>
    /// <param name="configure">Says who handles the events.</param>
    /// <exception cref="ArgumentException">An inline projection with the name was added already.</exception>
    public static IMessagingPatternsBuilder AddInlineProjection<TContext>(this IMessagingPatternsBuilder builder, string name, Action<InlineProjectionBuilder> configure)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        var services = builder.Services;

        if (services.Any(service => service.ServiceType == typeof(InlineProjection) && name.Equals(service.ServiceKey)))
        {
            throw new ArgumentException($"Inline projection '{name}' was added already. Give each a name of its own.", nameof(name));
        }

        services.AddOptionsWithValidateOnStart<InlineProjectionHandlers, InlineProjectionHandlersValidator>(name).Configure(options => options.Context = typeof(TContext));
        services.AddKeyedSingleton(name, (provider, _) => Create<TContext>(provider, name));
        services.AddKeyedSingleton(typeof(TContext), (provider, _) => provider.GetRequiredKeyedService<InlineProjection>(name));
        configure(new InlineProjectionBuilder(services, name));
        return builder;
    }

    private static InlineProjection Create<TContext>(IServiceProvider provider, string name)
    {
        var (handlers, scopes) = (provider.GetRequiredService<IOptionsMonitor<InlineProjectionHandlers>>().Get(name).Handlers, provider.GetRequiredService<IServiceScopeFactory>());
        return new(name, typeof(TContext), new EventDispatcher(handlers, provider.GetRequiredService<EventCodec>(), scopes), scopes);
    }
}
