using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Options of one consumer group; the group's name is the options' name. Bound from the configuration section <c>Messaging:Kafka:Groups:NAME</c>.</summary>
public sealed class KafkaConsumerGroupOptions
{
    /// <summary>The configuration section that holds the sections of the groups.</summary>
    public const string Section = KafkaOptions.Section + ":Groups";

    /// <summary>Gets the topics that the group reads.</summary>
    public ICollection<string> Topics { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Gets the patterns of further topics that the group reads, such as <c>^orders\..*</c>: POSIX extended regular expressions that begin with <c>^</c>.</summary>
    /// <remarks>
    /// A topic that comes while the group runs is joined within <c>topic.metadata.refresh.interval.ms</c>, 10 seconds unless <see cref="KafkaConsumerGroupBuilder.ConfigureConsumer"/>
    /// says otherwise, and read from its beginning.
    /// </remarks>
    public ICollection<string> Patterns { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Gets or sets what happens to an event that no handler of the group takes.</summary>
    /// <value>The default is <see cref="UnhandledEventPolicy.Skip"/>.</value>
    public UnhandledEventPolicy OnUnhandled
    {
        get;
        set => Handlers.RecordsAreTheRest = (field = value) == UnhandledEventPolicy.Raw;
    }

    /// <summary>Gets or sets how often the offsets of handled records are committed, besides when a partition leaves and at the stop.</summary>
    /// <value>Positive; the default is 1 second. After a crash, about as much is handled again.</value>
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets how long a handler may go on when its partition leaves or the host stops; then its token is cancelled.</summary>
    /// <value>Positive; the default is 10 seconds. Keep it below the host's shutdown timeout (30 seconds unless changed).</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets which events are handled one after another.</summary>
    /// <value>The default is <see cref="ProcessingOrder.PerKey"/>. Handlers that keep the place up to which they got need <see cref="ProcessingOrder.PerPartition"/>.</value>
    public ProcessingOrder Ordering { get; set; }

    /// <summary>Gets or sets how many handler calls run at once in this process. A change of the configuration takes effect while the group runs.</summary>
    /// <value>At least 1; the default is 16.</value>
    public int MaxConcurrency { get; set; } = 16;

    /// <summary>Gets or sets how many records a handler of batches is given at once, at most.</summary>
    /// <value>At least 1; the default is 100. A record that holds several events counts once.</value>
    public int BatchSize { get; set; } = 100;

    /// <summary>Gets or sets how long an event waits for others to be given to a handler of batches together.</summary>
    /// <value>Zero, which gives out what there is, or more; the default is 100 milliseconds.</value>
    public TimeSpan BatchTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Gets or sets how many records this process holds in memory, those being handled included, over all partitions of the group.</summary>
    /// <value>
    /// At least 1; the default is 50,000. Half is divided evenly among the partitions, so that one whose records wait does not hold up the others; each may hold
    /// one record more, and partitions that come when everything is full have their part besides. What librdkafka fetches ahead comes on top: see its settings <c>queued.*</c>.
    /// </value>
    public int MaxBufferedRecords { get; set; } = 50_000;

    /// <summary>Gets or sets how many bytes those records take in memory, about.</summary>
    /// <value>At least 1; the default is 64 MiB. It is divided as <see cref="MaxBufferedRecords"/> are.</value>
    public long MaxBufferedBytes { get; set; } = 64L << 20;

    /// <summary>Gets or sets how many records of a partition may be handled, or wait, behind one that is not handled yet. Then the partition waits for it.</summary>
    /// <value>At least 1; the default is 100,000. So many records may come again after a crash.</value>
    public int MaxUncommittedRecords { get; set; } = 100_000;

    /// <summary>Gets or sets the name of this process within the group, Kafka's <c>group.instance.id</c>, which makes it a static member.</summary>
    /// <value>
    /// <see langword="null"/>, the default, for a member that gives its partitions up when it stops. A static member keeps them for
    /// <c>session.timeout.ms</c>, so that a restart within it moves nothing. Different in every process, the same after a restart: 1 to 249 letters, digits,
    /// dots, underscores or hyphens.
    /// </value>
    public string? GroupInstanceId { get; set; }

    /// <summary>Gets or sets what happens when an event cannot be handled.</summary>
    public FailurePolicy Failures { get; set; } = new();

    /// <summary>Gets or sets how long a partition may get on with nothing, although it has events, none of its keys is parked and nobody paused it, before the health check is unhealthy.</summary>
    /// <value>Positive; the default is 5 minutes. Longer than the longest call of a handler.</value>
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets how old the first event of a partition that is not handled may be before the health check is degraded.</summary>
    /// <value>Positive; <see langword="null"/>, the default, for any age.</value>
    public TimeSpan? LaggingAfter { get; set; }

    /// <summary>Gets or sets how the topics are named to which failing keys are redirected, one beside each topic of the group.</summary>
    /// <value>
    /// <see langword="null"/>, the default, for <c>{topic}.{group}.retry</c>; both places may be left out of a name of yours, unless the group reads several topics. They are
    /// made, with as many partitions as their topics, when the policy redirects.
    /// </value>
    public string? RetryTopic { get; set; }

    /// <summary>Gets or sets the topic of the group's dead letters.</summary>
    /// <value><see langword="null"/>, the default, for <c>NAME.dead-letters</c>. It is made, with one partition, when the policy sets events aside.</value>
    public string? DeadLetterTopic { get; set; }

    /// <summary>Gets or sets which headers of other systems dead letters get besides.</summary>
    /// <value>The default is <see cref="DeadLetterHeaders.Own"/>.</value>
    public DeadLetterHeaders DeadLetterHeaders { get; set; }

    /// <summary>Gets or sets how long dead letters are kept.</summary>
    /// <value>At least one hour; <see langword="null"/>, the default, for ever.</value>
    public TimeSpan? DeadLetterRetention { get; set; }

    /// <summary>Gets or sets what becomes of the group's own topics, such as that of its dead letters, when the process starts.</summary>
    /// <value>The default is <see cref="ProvisioningMode.CreateOrVerify"/>.</value>
    public ProvisioningMode Provisioning { get; set; }

    internal EventHandlers Handlers { get; } = new();

    internal Action<ConsumerConfig>? ConsumerConfig { get; set; }
}
