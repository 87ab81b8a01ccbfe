using System.Collections.Frozen;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Consuming;

/// <summary>Hands events to the handlers of one consumer group, each event in a DI scope of its own.</summary>
public sealed class EventDispatcher
{
    private readonly EventCodec _codec;
    private readonly IServiceScopeFactory _scopes;
    private readonly FrozenDictionary<Type, HandlerRegistration[]> _handlers;
    private readonly HandlerRegistration[] _raw;

    /// <summary>Initializes a dispatcher.</summary>
    /// <param name="handlers">The handlers.</param>
    /// <param name="codec">Decodes payloads.</param>
    /// <param name="scopes">Makes the scopes.</param>
    public EventDispatcher(EventHandlers handlers, EventCodec codec, IServiceScopeFactory scopes)
    {
        ArgumentNullException.ThrowIfNull(handlers);
        ArgumentNullException.ThrowIfNull(codec);
        ArgumentNullException.ThrowIfNull(scopes);
        (_codec, _scopes) = (codec, scopes);
        _handlers = handlers.Registrations.GroupBy(registration => registration.EventType).ToFrozenDictionary(group => group.Key, group => group.ToArray());
        _raw = _handlers.GetValueOrDefault(typeof(RawEvent)) ?? [];
    }

    /// <summary>Returns whether a handler takes an event.</summary>
    /// <param name="payload">A <see cref="RawEvent"/> as it came, or a <see cref="Tombstone"/>.</param>
    public bool Handles(object payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return Find(payload).Length > 0;
    }

    /// <summary>Hands an event to its handlers, one after another. It is done when this returns without an exception.</summary>
    /// <param name="payload">A <see cref="RawEvent"/> as it came, decoded here where its handler wants that, or a <see cref="Tombstone"/>.</param>
    /// <param name="context">Where the event comes from.</param>
    /// <param name="cancellationToken">Handed to the handlers.</param>
    /// <exception cref="EventSerializationException">The bytes are not a payload of the event's type.</exception>
    public ValueTask DispatchAsync(object payload, EventContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(payload);
        ArgumentNullException.ThrowIfNull(context);
        var handlers = Find(payload);
        var decoded = payload is RawEvent raw && handlers != _raw ? _codec.Decode(raw.Type, raw.ContentType, raw.Data) : payload;
        return Array.Exists(handlers, handler => handler.NeedsScope)
            ? InvokeInScopeAsync(handlers, decoded, context, cancellationToken)
            : InvokeAsync(handlers, EmptyServices.Instance, decoded, context, cancellationToken);
    }

    private static async ValueTask InvokeAsync(
        HandlerRegistration[] handlers, IServiceProvider services, object payload, EventContext context, CancellationToken cancellationToken)
    {
        foreach (var handler in handlers)
        {
            await handler.InvokeAsync(services, payload, context, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask InvokeInScopeAsync(HandlerRegistration[] handlers, object payload, EventContext context, CancellationToken cancellationToken)
    {
        var scope = _scopes.CreateAsyncScope();

        await using (scope.ConfigureAwait(false))
        {
            await InvokeAsync(handlers, scope.ServiceProvider, payload, context, cancellationToken).ConfigureAwait(false);
        }
    }

    private HandlerRegistration[] Find(object payload)
    {
        var type = payload is RawEvent raw ? _codec.FindClrType(raw.Type) : payload.GetType();
        return (type is null ? null : _handlers.GetValueOrDefault(type)) ?? (payload is RawEvent ? _raw : []);
    }

    private sealed class EmptyServices : IServiceProvider
    {
        public static EmptyServices Instance { get; } = new();

        public object? GetService(Type serviceType) => null;
    }
}
