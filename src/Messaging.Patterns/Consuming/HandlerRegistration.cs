namespace Messaging.Patterns.Consuming;

/// <summary>One handler of a consumer group.</summary>
/// <param name="EventType">The CLR type of the events that it takes.</param>
/// <param name="NeedsScope">Whether it is resolved from a DI scope.</param>
internal abstract record HandlerRegistration(Type EventType, bool NeedsScope)
{
    /// <summary>A handler of one event at a time.</summary>
    /// <param name="EventType">The CLR type of the events that it takes.</param>
    /// <param name="NeedsScope">Whether it is resolved from a DI scope.</param>
    /// <param name="InvokeAsync">Hands it an event; the services are those of the event's scope.</param>
    internal sealed record OfEvent(Type EventType, bool NeedsScope, Func<IServiceProvider, object, EventContext, CancellationToken, ValueTask> InvokeAsync)
        : HandlerRegistration(EventType, NeedsScope);

    /// <summary>A handler of several events at a time.</summary>
    /// <param name="EventType">The CLR type of the events that it takes.</param>
    /// <param name="NeedsScope">Whether it is resolved from a DI scope.</param>
    /// <param name="InvokeAsync">Hands it events; the services are those of the batch's scope.</param>
    internal sealed record OfBatch(Type EventType, bool NeedsScope, Func<IServiceProvider, IReadOnlyList<EventEnvelope<object>>, CancellationToken, ValueTask> InvokeAsync)
        : HandlerRegistration(EventType, NeedsScope);
}
