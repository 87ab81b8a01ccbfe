namespace Messaging.Patterns.Consuming;

/// <summary>One handler of a consumer group.</summary>
/// <param name="EventType">The CLR type of the events that it takes.</param>
/// <param name="NeedsScope">Whether it is resolved from a DI scope.</param>
/// <param name="OnReplay">What a rewind means for it.</param>
internal abstract record HandlerRegistration(Type EventType, bool NeedsScope, ReplayPolicy OnReplay)
{
    /// <summary>Returns whether an event is to pass by the handler, since it was handled before a rewind.</summary>
    public bool Skips(EventContext context) => OnReplay == ReplayPolicy.Skip && context.IsReplay;

    /// <summary>A handler of one event at a time.</summary>
    /// <param name="EventType">The CLR type of the events that it takes.</param>
    /// <param name="NeedsScope">Whether it is resolved from a DI scope.</param>
    /// <param name="OnReplay">What a rewind means for it.</param>
    /// <param name="InvokeAsync">Hands it an event; the services are those of the event's scope.</param>
    internal sealed record OfEvent(Type EventType, bool NeedsScope, ReplayPolicy OnReplay, Func<IServiceProvider, object, EventContext, CancellationToken, ValueTask> InvokeAsync)
        : HandlerRegistration(EventType, NeedsScope, OnReplay);

    /// <summary>A handler of several events at a time.</summary>
    /// <param name="EventType">The CLR type of the events that it takes.</param>
    /// <param name="NeedsScope">Whether it is resolved from a DI scope.</param>
    /// <param name="OnReplay">What a rewind means for it.</param>
    /// <param name="InvokeAsync">Hands it events; the services are those of the batch's scope.</param>
    internal sealed record OfBatch(Type EventType, bool NeedsScope, ReplayPolicy OnReplay, Func<IServiceProvider, IReadOnlyList<EventEnvelope<object>>, CancellationToken, ValueTask> InvokeAsync)
        : HandlerRegistration(EventType, NeedsScope, OnReplay);
}
