using System.Collections.Frozen;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Consuming;

/// <summary>Hands events to the handlers of one consumer group, each event, or each batch, in a DI scope of its own.</summary>
public sealed class EventDispatcher
{
    private readonly EventCodec _codec;
    private readonly IServiceScopeFactory _scopes;
    private readonly FrozenDictionary<Type, HandlerRegistration[]> _handlers;
    private readonly HandlerRegistration[] _raw;
    private readonly IHandlerTransaction? _transaction;
    private readonly MiddlewareChain _middleware;

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
        (_transaction, _middleware) = (handlers.Transaction, handlers.Middleware);
        (TakesBatches, TakesRecords, RefusesReplay) = (handlers.TakesBatches, handlers.TakesRecords, handlers.RefusesReplay);
        TakesRest = handlers is { HandlesRecords: true, RecordsAreTheRest: true };
    }

    // Then there is one scope for all handlers of an event, or of a batch.
    private bool IsWrapped => _transaction is not null || !_middleware.IsEmpty;

    /// <summary>Gets whether a handler takes several events at a time.</summary>
    public bool TakesBatches { get; }

    /// <summary>Gets whether records are handled as they are, and not read as events.</summary>
    public bool TakesRecords { get; }

    /// <summary>Gets whether what no other handler takes is handled as a record as it is.</summary>
    public bool TakesRest { get; }

    /// <summary>Gets whether a handler refuses that the group goes back.</summary>
    public bool RefusesReplay { get; }

    /// <summary>Returns whether a handler takes an event.</summary>
    /// <param name="payload">A <see cref="RawEvent"/> as it came, or what <see cref="TryDecode"/> made of it, a <see cref="Tombstone"/> or a <see cref="RawRecord"/>.</param>
    public bool Handles(object payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return Find(payload).Length > 0;
    }

    /// <summary>Returns whether two events go to the same handlers, one of which takes several at a time; of an event and itself, whether it goes to such a handler.</summary>
    /// <param name="one">An event as for <see cref="Handles"/>.</param>
    /// <param name="other">Another, or the same.</param>
    public bool AreBatched(object one, object other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        var handlers = Find(one);
        return TakesBatches && Array.Exists(handlers, handler => handler is HandlerRegistration.OfBatch) && (ReferenceEquals(one, other) || Find(other) == handlers);
    }

    /// <summary>Decodes an event that a handler takes, so that it is known before it is handed over whether that can be done.</summary>
    /// <param name="payload">An event as for <see cref="Handles"/>.</param>
    /// <returns>What to hand over; <see langword="null"/> if the bytes are not a payload of the event's type.</returns>
    public object? TryDecode(object payload)
    {
        ArgumentNullException.ThrowIfNull(payload);

        try
        {
            return Decode(Find(payload), payload);
        }
        catch (EventSerializationException)
        {
            return null;
        }
    }

    /// <summary>Hands an event to its handlers, one after another. It is done when this returns without an exception.</summary>
    /// <param name="payload">A <see cref="RawEvent"/> as it came, decoded here where its handler wants that, a <see cref="Tombstone"/> or a <see cref="RawRecord"/>.</param>
    /// <param name="context">Where the event comes from.</param>
    /// <param name="cancellationToken">Handed to the handlers.</param>
    /// <exception cref="EventSerializationException">The bytes are not a payload of the event's type.</exception>
    public ValueTask DispatchAsync(object payload, EventContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(payload);
        ArgumentNullException.ThrowIfNull(context);
        var handlers = Find(payload);

        if (!IsWrapped && Array.Exists(handlers, handler => handler is HandlerRegistration.OfBatch))
        {
            return DispatchBatchAsync([new(payload, context)], cancellationToken);
        }

        var decoded = Decode(handlers, payload);
        return IsWrapped ? DispatchWrappedAsync(handlers, [new(decoded, context)], cancellationToken)
            : Array.Exists(handlers, handler => handler.NeedsScope) ? InvokeInScopeAsync(handlers, decoded, context, cancellationToken)
            : InvokeAsync(handlers, EmptyServices.Instance, decoded, context, cancellationToken);
    }

    /// <summary>Hands events that go to the same handlers to them, one handler after another. They are done when this returns without an exception.</summary>
    /// <param name="events">The events, at least one, in their order; any two of them <see cref="AreBatched"/>.</param>
    /// <param name="cancellationToken">Handed to the handlers.</param>
    /// <exception cref="EventSerializationException">The bytes of one are not a payload of the event's type.</exception>
    public async ValueTask DispatchBatchAsync(IReadOnlyList<EventEnvelope<object>> events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        var handlers = Find(events[0].Event);
        List<EventEnvelope<object>> decoded = [.. events.Select(envelope => envelope with { Event = Decode(handlers, envelope.Event) })];

        if (IsWrapped)
        {
            await DispatchWrappedAsync(handlers, decoded, cancellationToken).ConfigureAwait(false);
            return;
        }

        foreach (var handler in handlers)
        {
            if (handler is HandlerRegistration.OfBatch batch)
            {
                if (Taken(batch, decoded) is { Count: > 0 } taken)
                {
                    await InvokeInScopeAsync(batch, taken, cancellationToken).ConfigureAwait(false);
                }

                continue;
            }

            foreach (var (payload, context) in decoded)
            {
                await InvokeInScopeAsync([handler], payload, context, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Hands an event to its handlers, which are resolved from the caller's scope and work in the caller's transaction.</summary>
    internal ValueTask DispatchWithinAsync(IServiceProvider services, object payload, EventContext context, CancellationToken cancellationToken)
    {
        var handlers = Find(payload);
        return InvokeAllAsync(handlers, services, [new(Decode(handlers, payload), context)], cancellationToken);
    }

    private static async ValueTask InvokeAsync(
        HandlerRegistration[] handlers, IServiceProvider services, object payload, EventContext context, CancellationToken cancellationToken)
    {
        foreach (var handler in handlers)
        {
            // Not by a query, which would be three objects more for each event.
            if (!handler.Skips(context))
            {
                await ((HandlerRegistration.OfEvent)handler).InvokeAsync(services, payload, context, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // One scope for all handlers, the middleware outside and the transaction inside: the events are handled by all of them, or by none.
    private async ValueTask DispatchWrappedAsync(HandlerRegistration[] handlers, List<EventEnvelope<object>> events, CancellationToken cancellationToken)
    {
        var scope = _scopes.CreateAsyncScope();

        await using (scope.ConfigureAwait(false))
        {
            var services = scope.ServiceProvider;
            await _middleware.RunAsync(
                new HandlerCall(events, services),
                token => _transaction is null
                    ? InvokeAllAsync(handlers, services, events, token)
                    : _transaction.RunAsync(
                        services, [.. events.Select(envelope => envelope.Context)], (places, within) => InvokeAllAsync(handlers, services, [.. places.Select(place => events[place])], within), token),
                cancellationToken).ConfigureAwait(false);
        }
    }

    private static async ValueTask InvokeAllAsync(
        HandlerRegistration[] handlers, IServiceProvider services, List<EventEnvelope<object>> events, CancellationToken cancellationToken)
    {
        foreach (var handler in handlers)
        {
            if (handler is HandlerRegistration.OfBatch batch)
            {
                if (Taken(batch, events) is { Count: > 0 } taken)
                {
                    await batch.InvokeAsync(services, taken, cancellationToken).ConfigureAwait(false);
                }

                continue;
            }

            foreach (var (payload, context) in events)
            {
                await InvokeAsync([handler], services, payload, context, cancellationToken).ConfigureAwait(false);
            }
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

    private async ValueTask InvokeInScopeAsync(HandlerRegistration.OfBatch handler, List<EventEnvelope<object>> events, CancellationToken cancellationToken)
    {
        var scope = _scopes.CreateAsyncScope();

        await using (scope.ConfigureAwait(false))
        {
            await handler.InvokeAsync(scope.ServiceProvider, events, cancellationToken).ConfigureAwait(false);
        }
    }

    private static List<EventEnvelope<object>> Taken(HandlerRegistration.OfBatch handler, List<EventEnvelope<object>> events) =>
        events.FindAll(envelope => !handler.Skips(envelope.Context));

    private object Decode(HandlerRegistration[] handlers, object payload) =>
        payload is RawEvent raw && handlers != _raw ? _codec.Decode(raw.Type, raw.ContentType, raw.Data) : payload;

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
