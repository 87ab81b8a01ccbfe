namespace Messaging.Patterns.Consuming;

/// <summary>What goes around the handlers of a consumer group, for what all of them need: a log scope, a tenant, a measurement.</summary>
public interface IEventMiddleware
{
    /// <summary>Does something before and after events are handled.</summary>
    /// <remarks>
    /// It is called for each attempt: inside retries in place, in the DI scope from which the handlers come, and outside the group's transaction, where there is one. When
    /// it does not call <paramref name="next"/>, the events are passed over as if they were handled. What <paramref name="next"/> throws must be thrown on: a middleware
    /// that returns although the handlers failed is a failure itself.
    /// </remarks>
    /// <param name="call">The events that are to be handled.</param>
    /// <param name="next">Handles them.</param>
    /// <param name="cancellationToken">Set when the group stops or loses the partition; to be handed on to <paramref name="next"/>.</param>
    ValueTask InvokeAsync(HandlerCall call, Func<CancellationToken, ValueTask> next, CancellationToken cancellationToken);
}
