namespace Messaging.Patterns.Consuming;

/// <summary>One handler of a consumer group.</summary>
/// <param name="EventType">The CLR type of the events that it takes.</param>
/// <param name="NeedsScope">Whether it is resolved from a DI scope.</param>
/// <param name="InvokeAsync">Hands it an event; the services are those of the event's scope.</param>
internal sealed record HandlerRegistration(
    Type EventType, bool NeedsScope, Func<IServiceProvider, object, EventContext, CancellationToken, ValueTask> InvokeAsync);
