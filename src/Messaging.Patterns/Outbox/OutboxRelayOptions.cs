namespace Messaging.Patterns.Outbox;

/// <summary>Options of the relay, which sends what lies in an outbox.</summary>
public sealed class OutboxRelayOptions
{
    /// <summary>Gets or sets what becomes of the rows behind one that can never be sent, because it is too large or its topic is missing for too long.</summary>
    /// <value>The default is <see cref="RefusedRows.HoldKey"/>.</value>
    public RefusedRows OnRefused { get; set; } = RefusedRows.HoldKey;

    /// <summary>Gets or sets how long the relay waits at most until it looks for rows that nothing told it of.</summary>
    /// <value>The default is 1 second. Shorter pauses come first when rows were just there.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets whether the relay listens for commits of other processes, on PostgreSQL: by a connection of its own that stays open. Then it prepares the statement that reads, too.</summary>
    /// <value>The default is <see langword="true"/>. Set it to <see langword="false"/> behind a pooler that shares connections between transactions, which can do neither.</value>
    public bool ListenForCommits { get; set; } = true;

    /// <summary>Gets or sets the name of the broker's registration by which rows are sent, such as that of <c>AddKafka("reporting", ...)</c>.</summary>
    /// <value>The default is <see langword="null"/>: the one without a name.</value>
    public string? Broker { get; set; }

    /// <summary>
    /// Gets or sets whether rows are sent in transactions of the broker: then each is there once for readers that read only what is committed, whatever a relay does,
    /// and several rows of a key go at once. Costs a producer for each of 32 ranges of keys, and a few milliseconds for each row. For trials, so far, and on
    /// topics with several copies: Kafka 4.3.1 loses the end of a transaction in a partition that has no leader.
    /// </summary>
    /// <value>The default is <see langword="false"/>. Topics of event streams are refused: nobody may use transactions there.</value>
    public bool UseTransactions { get; set; }

    /// <summary>Gets or sets what the transactional ids of this outbox begin with: nobody else may use it on the cluster, and all instances of the relay have the same.</summary>
    /// <value>The default is <see langword="null"/>: <c>messaging-outbox-</c> and what tells the table from every other, on PostgreSQL. Required on SQLite. 1 to 200 letters, digits, <c>.</c>, <c>_</c> and <c>-</c>.</value>
    public string? TransactionalIdPrefix { get; set; }

    /// <summary>Gets or sets how many rows go in one transaction at most.</summary>
    /// <value>The default is 1,000.</value>
    public int MaxRowsPerTransaction { get; set; } = 1_000;

    /// <summary>Gets or sets how long the keys of an instance that ended without a word wait for another one.</summary>
    /// <value>The default is 10 seconds, at least 1 second. Renewed after a third of it.</value>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long a row waits after its first failed attempt; each further one doubles it.</summary>
    /// <value>The default is 100 milliseconds.</value>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Gets or sets how long a row waits at most until it is sent again.</summary>
    /// <value>The default is 10 seconds.</value>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long a row whose topic does not exist is sent again and again until it is parked, from the first attempt of an instance on.</summary>
    /// <value>The default is 1 minute: a topic that is created a little later than it is written to costs nothing. Zero parks at once. The client itself waits 5 seconds for a topic.</value>
    public TimeSpan MissingTopicTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how many rows are read at once.</summary>
    /// <value>The default is 2,000.</value>
    public int PageSize { get; set; } = 2_000;

    /// <summary>Gets or sets how many rows an instance holds in memory at most, at least twice the page size.</summary>
    /// <value>The default is 20,000.</value>
    public int MaxHeldRows { get; set; } = 20_000;

    /// <summary>Gets or sets how many rows are under way to the broker at most.</summary>
    /// <value>The default is 10,000.</value>
    public int MaxInFlight { get; set; } = 10_000;

    /// <summary>Gets or sets how long events that were sent stay in the table of sent events, if the model has one.</summary>
    /// <value>The default is 7 days; at most 10 years. Older ones are deleted each minute, a thousand at a time.</value>
    public TimeSpan KeepSentFor { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Gets or sets how long an instance that is stopped waits for what is under way.</summary>
    /// <value>The default is 5 seconds. What is not acknowledged by then is sent again by another instance or after the next start.</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
