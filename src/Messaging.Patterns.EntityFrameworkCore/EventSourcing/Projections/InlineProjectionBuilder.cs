using System.Diagnostics.CodeAnalysis;
using Messaging.Patterns.Consuming;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Projections;

/// <summary>Says who handles the events of an inline projection.</summary>
public sealed class InlineProjectionBuilder
{
    private readonly IServiceCollection _services;

    internal InlineProjectionBuilder(IServiceCollection services, string name) => (_services, Name) = (services, name);

    /// <summary>Gets the projection's name.</summary>
    public string Name { get; }

    /// <summary>Adds a handler, which each event gets from a DI scope of its own. It is registered as scoped, unless it is registered already.</summary>
    /// <typeparam name="TEvent">The type of the events: a registered event type, or <see cref="Messaging.Patterns.EventSourcing.RawEvent"/> for all that no other handler takes.</typeparam>
    /// <typeparam name="THandler">The handler, which takes the context by its constructor.</typeparam>
    public InlineProjectionBuilder Handle<TEvent, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where TEvent : class
        where THandler : class, IEventHandler<TEvent>
    {
        _services.TryAddScoped<THandler>();
        _services.Configure<InlineProjectionHandlers>(Name, options => options.Handlers.Add<TEvent, THandler>());
        return this;
    }
}
