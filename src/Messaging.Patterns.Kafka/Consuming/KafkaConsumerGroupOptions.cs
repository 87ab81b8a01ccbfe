using Confluent.Kafka;
using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Options of one consumer group; the group's name is the options' name. Bound from the configuration section <c>Messaging:Kafka:Groups:NAME</c>.</summary>
public sealed class KafkaConsumerGroupOptions
{
    /// <summary>The configuration section that holds the sections of the groups.</summary>
    public const string Section = KafkaOptions.Section + ":Groups";

    /// <summary>Gets the topics that the group reads.</summary>
    public ICollection<string> Topics { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Gets or sets what happens to an event that no handler of the group takes.</summary>
    /// <value>The default is <see cref="UnhandledEventPolicy.Skip"/>.</value>
    public UnhandledEventPolicy OnUnhandled { get; set; }

    /// <summary>Gets or sets how often the offsets of handled records are committed, besides when a partition leaves and at the stop.</summary>
    /// <value>Positive; the default is 1 second. After a crash, about as much is handled again.</value>
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets how long a handler may go on when its partition leaves or the host stops; then its token is cancelled.</summary>
    /// <value>Positive; the default is 10 seconds. Keep it below the host's shutdown timeout (30 seconds unless changed).</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how many records of a partition wait for their handler in memory.</summary>
    /// <value>At least 1; the default is 1,000. What librdkafka fetches ahead comes on top: see its settings <c>queued.*</c>.</value>
    public int MaxWaitingRecords { get; set; } = 1_000;

    internal EventHandlers Handlers { get; } = new();

    internal Action<ConsumerConfig>? ConsumerConfig { get; set; }
}
