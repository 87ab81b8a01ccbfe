using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;

/// <summary>Options of a subscription to an event store on a database.</summary>
public sealed class EventStoreSubscriptionOptions
{
    /// <summary>Gets or sets after how long without a sign of life another instance takes over.</summary>
    /// <value>At least 1 second; the default is 15 seconds. An instance that stops in good order is followed at once.</value>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets how many events a handler of batches is given at once, at most.</summary>
    /// <value>At least 1; the default is 100.</value>
    public int BatchSize { get; set; } = 100;

    /// <summary>Gets or sets how long an event waits for others to be given to a handler of batches together.</summary>
    /// <value>From zero, which gives out what was read, to 1 hour; the default is 100 milliseconds.</value>
    public TimeSpan BatchTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Gets or sets how long an event that failed waits before it is tried again; before each further try it waits twice as long.</summary>
    /// <value>Positive; the default is 1 second.</value>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets the longest such wait.</summary>
    /// <value>At least <see cref="RetryDelay"/>; the default is 1 minute.</value>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    internal EventHandlers Handlers { get; } = new();
}
