using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Consuming;

/// <summary>The handlers of one consumer group. An event goes to the handlers of exactly its type, in the order of their registration.</summary>
/// <remarks>
/// A handler of <see cref="RawEvent"/> takes, undecoded, every event that no other handler of the group takes; a handler of <see cref="Tombstone"/> takes
/// records without a value.
/// </remarks>
public sealed class EventHandlers
{
    private readonly List<HandlerRegistration> _registrations = [];

    /// <summary>Gets whether there is no handler.</summary>
    public bool IsEmpty => _registrations.Count == 0;

    internal IReadOnlyList<HandlerRegistration> Registrations => _registrations;

    /// <summary>Adds a handler that each event gets from a DI scope of its own.</summary>
    /// <typeparam name="TEvent">The type of the events.</typeparam>
    /// <typeparam name="THandler">The handler, a registered service.</typeparam>
    public void Add<TEvent, THandler>()
        where TEvent : class
        where THandler : class, IEventHandler<TEvent> =>
        _registrations.Add(new(typeof(TEvent), NeedsScope: true, static (services, payload, context, cancellationToken) =>
            services.GetRequiredService<THandler>().HandleAsync((TEvent)payload, context, cancellationToken)));

    /// <summary>Adds a function as handler.</summary>
    /// <typeparam name="TEvent">The type of the events.</typeparam>
    /// <param name="handle">Handles an event; the rules of <see cref="IEventHandler{TEvent}"/> hold.</param>
    public void Add<TEvent>(Func<TEvent, EventContext, CancellationToken, ValueTask> handle)
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(handle);
        _registrations.Add(new(typeof(TEvent), NeedsScope: false, (_, payload, context, cancellationToken) => handle((TEvent)payload, context, cancellationToken)));
    }

    /// <summary>Returns what is wrong with the handlers: event types that no event can have.</summary>
    /// <param name="codec">The registered event types.</param>
    public IEnumerable<string> FindFaults(EventCodec codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        return _registrations.Select(registration => registration.EventType).Distinct().Select(type => FindFault(codec, type)).OfType<string>();
    }

    private static string? FindFault(EventCodec codec, Type type)
    {
        if (type == typeof(RawEvent) || type == typeof(Tombstone))
        {
            return null;
        }

        try
        {
            var name = codec.GetTypeName(type);
            return codec.FindClrType(name) is { } newest && newest != type
                ? $"'{type}' is upcast to '{newest}' before it is handled. Handle that type instead."
                : null;
        }
        catch (UnknownEventTypeException exception)
        {
            return exception.Message;
        }
    }
}
