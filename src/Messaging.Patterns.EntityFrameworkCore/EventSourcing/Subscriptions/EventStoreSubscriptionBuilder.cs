using System.Diagnostics.CodeAnalysis;
using Messaging.Patterns.Consuming;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;

/// <summary>Says who handles the events of a subscription.</summary>
public sealed class EventStoreSubscriptionBuilder
{
    private readonly IServiceCollection _services;

    internal EventStoreSubscriptionBuilder(IServiceCollection services, string name) => (_services, Name) = (services, name);

    /// <summary>Gets the subscription's name.</summary>
    public string Name { get; }

    /// <summary>Adds a handler, which each event gets from a DI scope of its own. It is registered as scoped, unless it is registered already.</summary>
    /// <typeparam name="TEvent">The type of the events: a registered event type, or <see cref="Messaging.Patterns.EventSourcing.RawEvent"/> for all that no other handler takes.</typeparam>
    /// <typeparam name="THandler">The handler, which takes the context by its constructor.</typeparam>
    public EventStoreSubscriptionBuilder Handle<TEvent, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where TEvent : class
        where THandler : class, IEventHandler<TEvent>
    {
        _services.TryAddScoped<THandler>();
        return Configure(options => options.Handlers.Add<TEvent, THandler>());
    }

    /// <summary>Adds a handler of several events at a time, which each batch gets from a DI scope of its own, and handles in one transaction. It is registered as scoped, unless it is registered already.</summary>
    /// <typeparam name="TEvent">The type of the events, as for <see cref="Handle{TEvent, THandler}"/>. Events of other types that are handled divide a batch.</typeparam>
    /// <typeparam name="THandler">The handler, which takes the context by its constructor.</typeparam>
    public EventStoreSubscriptionBuilder HandleBatch<TEvent, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where TEvent : class
        where THandler : class, IEventBatchHandler<TEvent>
    {
        _services.TryAddScoped<THandler>();
        return Configure(options => options.Handlers.AddBatch<TEvent, THandler>());
    }

    /// <summary>Sets the options.</summary>
    /// <param name="configure">Sets them.</param>
    public EventStoreSubscriptionBuilder Configure(Action<EventStoreSubscriptionOptions> configure)
    {
        _services.Configure(Name, configure);
        return this;
    }
}
