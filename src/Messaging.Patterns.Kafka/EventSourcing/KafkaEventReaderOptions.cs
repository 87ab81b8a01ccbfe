namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>Options of reading from the event store on Kafka. Bound from the configuration section <c>Messaging:Kafka:Reader</c>.</summary>
public sealed class KafkaEventReaderOptions
{
    /// <summary>The configuration section that the options are bound from.</summary>
    public const string Section = KafkaOptions.Section + ":Reader";

    /// <summary>Gets or sets the SQLite file in which this process keeps the events that it reads from.</summary>
    /// <value>
    /// Each process needs its own. The default is <c>data/event-store.db</c>; a relative path counts from the application's content root.
    /// The file can be deleted while the process is stopped: it is then rebuilt from Kafka.
    /// </value>
    public string StorePath { get; set; } = Path.Combine("data", "event-store.db");

    /// <summary>Gets or sets whether events are kept in memory instead of a file; every start then reads the whole log again.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool InMemory { get; set; }

    /// <summary>Gets or sets how long a read may wait: for the store to catch up at its start, for a position, for the log's end, for a barrier.</summary>
    /// <value>Positive, at most 24 days; the default is 30 seconds.</value>
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
