namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>Options of a context's event store. Bound from the configuration section <c>Messaging:EventStore</c>.</summary>
public sealed class EventStoreOptions
{
    /// <summary>The configuration section that the options are bound from.</summary>
    public const string Section = "Messaging:EventStore";

    /// <summary>Gets or sets how long an append may take that says nothing of it.</summary>
    /// <value>Positive, at most 24 days; the default is 30 seconds.</value>
    public TimeSpan AppendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long a session read waits for its position.</summary>
    /// <value>Positive; the default is 30 seconds.</value>
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how often a read that waits looks into the database. What this process appends outside of transactions of the application wakes it at once.</summary>
    /// <value>Positive; the default is 100 milliseconds.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Gets or sets after how long the feed says who holds it back: a transaction that does not end.</summary>
    /// <value>Positive; the default is 10 seconds.</value>
    public TimeSpan HeldBackAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets whether the start of the host waits for the database and looks whether the table is there and as it should be.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool VerifyTables { get; set; } = true;
}
