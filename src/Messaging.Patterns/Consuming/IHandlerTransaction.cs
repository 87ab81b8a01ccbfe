namespace Messaging.Patterns.Consuming;

/// <summary>Lets the handlers of a consumer group work in a transaction of the application's storage, which also knows what was handled before.</summary>
public interface IHandlerTransaction
{
    /// <summary>Begins a transaction, lets those events be handled that were not handled before, and commits. Nothing of it stays when this throws.</summary>
    /// <param name="services">The services of the scope that the handlers are resolved from.</param>
    /// <param name="events">Where the events come from, in their order.</param>
    /// <param name="handleAsync">Hands over the events at the given places in <paramref name="events"/>, ascending. May be called again when the transaction is repeated.</param>
    /// <param name="cancellationToken">Ends the work, without a commit.</param>
    ValueTask RunAsync(
        IServiceProvider services, IReadOnlyList<EventContext> events, Func<IReadOnlyList<int>, CancellationToken, ValueTask> handleAsync, CancellationToken cancellationToken);
}
