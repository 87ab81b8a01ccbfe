using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>Options of the event store on Kafka that writers and readers share. Bound from the configuration section <c>Messaging:Kafka:EventStore</c>.</summary>
public sealed class KafkaEventStoreOptions
{
    /// <summary>The configuration section that the options are bound from.</summary>
    public const string Section = KafkaOptions.Section + ":EventStore";

    private readonly List<string> _contradictions = [];
    private readonly Dictionary<string, TopicSpecification> _added = new(StringComparer.Ordinal);

    /// <summary>Gets the topic in which the streams of a category live, by category.</summary>
    /// <value>Filled by <c>AddStreams</c>, or from configuration (<c>Streams:account:Name</c>); the default is empty.</value>
    public IDictionary<string, TopicSpecification> Streams { get; } = new Dictionary<string, TopicSpecification>(StringComparer.Ordinal);

    /// <summary>Gets or sets what becomes of topics at the start: created and verified, only verified, or neither.</summary>
    /// <value>The default is <see cref="ProvisioningMode.CreateOrVerify"/>.</value>
    public ProvisioningMode Provisioning { get; set; } = ProvisioningMode.CreateOrVerify;

    /// <summary>Gets or sets how many of a partition's newest appends are remembered to answer their repetition.</summary>
    /// <value>At least 1; the default is 10,000. About 100 bytes each.</value>
    public int AppendIdWindow { get; set; } = 10_000;

    /// <summary>Gets or sets how often it is checked that a topic is still the same and has the same number of partitions; the store stops when not.</summary>
    /// <value>Positive, at most 24 days; the default is 30 seconds.</value>
    public TimeSpan TopicCheckInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets what happens at a record that is not a frame.</summary>
    /// <value>The default is <see cref="ForeignRecordPolicy.Stop"/>.</value>
    public ForeignRecordPolicy OnForeignRecord { get; set; }

    /// <summary>Says in code in which topic a category lives; that goes before configuration.</summary>
    internal void AddStreams(string category, TopicSpecification topic)
    {
        if (_added.TryGetValue(category, out var other) && other.Name != topic.Name)
        {
            _contradictions.Add($"category '{category}' is added with topic '{other.Name}' and with topic '{topic.Name}'. Keep one.");
        }

        Streams[category] = _added[category] = topic;
    }

    // A method, since the binder takes every property for configuration.
    internal IReadOnlyList<string> GetContradictions() => _contradictions;
}
