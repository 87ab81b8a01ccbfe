using System.Diagnostics.CodeAnalysis;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Consuming;

/// <summary>The handlers of one consumer group. An event goes to the handlers of exactly its type, in the order of their registration.</summary>
/// <remarks>
/// A handler of <see cref="RawEvent"/> takes, undecoded, every event that no other handler of the group takes; a handler of <see cref="Tombstone"/> takes
/// records without a value; a handler of <see cref="RawRecord"/> takes every record as it is, or, where that is said, those that nobody else takes.
/// </remarks>
public sealed class EventHandlers
{
    private const string NoScope = "a function as handler gets no services, so what it does is not in the group's transaction. Make it a class.";
    private const string OnlyRecords = $"beside a handler of {nameof(RawRecord)} no other handler gets anything, since records are then not read as events. Put them into different groups.";

    private readonly List<HandlerRegistration> _registrations = [];

    /// <summary>Gets whether there is no handler.</summary>
    public bool IsEmpty => _registrations.Count == 0;

    /// <summary>Gets whether a handler takes several events at a time.</summary>
    public bool TakesBatches => _registrations.Exists(registration => registration is HandlerRegistration.OfBatch);

    /// <summary>Gets whether a handler takes records as they are.</summary>
    public bool HandlesRecords => _registrations.Exists(registration => registration.EventType == typeof(RawRecord));

    /// <summary>Gets or sets whether such a handler takes only what no other handler takes: see <see cref="UnhandledEventPolicy.Raw"/>.</summary>
    /// <value>The default is <see langword="false"/>: it takes every record, and there is no other handler.</value>
    public bool RecordsAreTheRest { get; set; }

    /// <summary>Gets whether records are handled as they are, and not read as events.</summary>
    public bool TakesRecords => HandlesRecords && !RecordsAreTheRest;

    /// <summary>Gets whether a handler refuses that the group goes back: see <see cref="OnReplayAttribute"/>.</summary>
    public bool RefusesReplay => _registrations.Exists(registration => registration.OnReplay == ReplayPolicy.Refuse);

    /// <summary>Gets or sets whether what was handled is known by a position alone, so that events must come in the order of their partition.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool NeedPartitionOrder { get; set; }

    internal IReadOnlyList<HandlerRegistration> Registrations => _registrations;

    internal MiddlewareChain Middleware { get; } = new();

    internal IHandlerTransaction? Transaction { get; private set; }

    /// <summary>Adds a handler that each event gets from a DI scope of its own.</summary>
    /// <typeparam name="TEvent">The type of the events.</typeparam>
    /// <typeparam name="THandler">The handler, a registered service.</typeparam>
    public void Add<TEvent, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where TEvent : class
        where THandler : class, IEventHandler<TEvent> =>
        _registrations.Add(new HandlerRegistration.OfEvent(typeof(TEvent), NeedsScope: true, HandlerReplay.Of(typeof(THandler)), static (services, payload, context, cancellationToken) =>
            services.GetRequiredService<THandler>().HandleAsync((TEvent)payload, context, cancellationToken)));

    /// <summary>Adds a function as handler.</summary>
    /// <typeparam name="TEvent">The type of the events.</typeparam>
    /// <param name="handle">Handles an event; the rules of <see cref="IEventHandler{TEvent}"/> hold.</param>
    public void Add<TEvent>(Func<TEvent, EventContext, CancellationToken, ValueTask> handle)
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(handle);
        _registrations.Add(new HandlerRegistration.OfEvent(
            typeof(TEvent), NeedsScope: false, ReplayPolicy.Run, (_, payload, context, cancellationToken) => handle((TEvent)payload, context, cancellationToken)));
    }

    /// <summary>Adds a handler of several events at a time, which each batch gets from a DI scope of its own.</summary>
    /// <typeparam name="TEvent">The type of the events.</typeparam>
    /// <typeparam name="THandler">The handler, a registered service.</typeparam>
    public void AddBatch<TEvent, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where TEvent : class
        where THandler : class, IEventBatchHandler<TEvent> =>
        _registrations.Add(new HandlerRegistration.OfBatch(typeof(TEvent), NeedsScope: true, HandlerReplay.Of(typeof(THandler)), static (services, events, cancellationToken) =>
            services.GetRequiredService<THandler>().HandleAsync(Cast<TEvent>(events), cancellationToken)));

    /// <summary>Adds a function as handler of several events at a time.</summary>
    /// <typeparam name="TEvent">The type of the events.</typeparam>
    /// <param name="handle">Handles events; the rules of <see cref="IEventBatchHandler{TEvent}"/> hold.</param>
    public void AddBatch<TEvent>(Func<IReadOnlyList<EventEnvelope<TEvent>>, CancellationToken, ValueTask> handle)
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(handle);
        _registrations.Add(new HandlerRegistration.OfBatch(
            typeof(TEvent), NeedsScope: false, ReplayPolicy.Run, (_, events, cancellationToken) => handle(Cast<TEvent>(events), cancellationToken)));
    }

    /// <summary>Lets each event, or each batch, be handled in a transaction: by all of its handlers, from one DI scope.</summary>
    /// <param name="transaction">The transaction.</param>
    public void HandleWithin(IHandlerTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        Transaction = transaction;
    }

    /// <summary>Adds a middleware, inside of those added before.</summary>
    /// <typeparam name="TMiddleware">The middleware, a registered service, which each call gets from the DI scope of the handlers.</typeparam>
    public void Use<TMiddleware>()
        where TMiddleware : class, IEventMiddleware => Middleware.Add<TMiddleware>();

    /// <summary>Adds a function as middleware, inside of those added before.</summary>
    /// <param name="middleware">The function; the rules of <see cref="IEventMiddleware"/> hold.</param>
    public void Use(Func<HandlerCall, Func<CancellationToken, ValueTask>, CancellationToken, ValueTask> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        Middleware.Add(middleware);
    }

    /// <summary>Returns what is wrong with the handlers: event types that no event can have.</summary>
    /// <param name="codec">The registered event types.</param>
    public IEnumerable<string> FindFaults(EventCodec codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        var types = _registrations.Select(registration => registration.EventType).Distinct().ToList();
        return types.Select(type => FindFault(codec, type))
            .Append(TakesRecords && types.Count > 1 ? OnlyRecords : null)
            .Append(Transaction is not null && _registrations.Exists(registration => !registration.NeedsScope) ? NoScope : null)
            .OfType<string>();
    }

    private static EventEnvelope<TEvent>[] Cast<TEvent>(IReadOnlyList<EventEnvelope<object>> events) =>
        [.. events.Select(envelope => new EventEnvelope<TEvent>((TEvent)envelope.Event, envelope.Context))];

    private static string? FindFault(EventCodec codec, Type type)
    {
        if (type == typeof(RawEvent) || type == typeof(Tombstone) || type == typeof(RawRecord))
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
