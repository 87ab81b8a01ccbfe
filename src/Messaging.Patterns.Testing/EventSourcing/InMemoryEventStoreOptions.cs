namespace Messaging.Patterns.Testing.EventSourcing;

/// <summary>Options of the in-memory event store.</summary>
public sealed class InMemoryEventStoreOptions
{
    /// <summary>Gets or sets how many of the newest appends are remembered to answer their repetition.</summary>
    /// <value>At least 1; the default is 10,000.</value>
    public int AppendIdWindow { get; set; } = 10_000;

    /// <summary>Gets or sets how long a session read waits for its position.</summary>
    /// <value>Positive; the default is 30 seconds.</value>
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
