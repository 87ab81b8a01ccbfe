using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming.DeadLetters;
using Messaging.Patterns.Kafka.Consuming.Redirect;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>One consumer group of this process: what it is made of, and what can be said of it from outside.</summary>
internal sealed class ConsumerGroup : IDisposable
{
    // Type names come from outside; a flood of them must not fill the memory.
    private const int MaxUnhandledTypes = 1_000;

    private readonly HashSet<string> _unhandledTypes = new(StringComparer.Ordinal);

    public ConsumerGroup(string name, KafkaConsumerGroupOptions options, ConsumerGroupContext context)
    {
        (Name, Options, Context) = (name, options, context);
        Dispatcher = new EventDispatcher(options.Handlers, context.Codec, context.Scopes);
        Pipeline = options.Failures.BuildPipeline(context.Time);
        MaxConcurrency = options.MaxConcurrency;
        IsPerKey = options.Ordering == ProcessingOrder.PerKey;
        Metrics = new ConsumerGroupMetrics(this);
        DeadLetters = options.Failures.MakesDeadLetters ? new DeadLetterOutlet(this) : null;
        RetryTopics = options.Failures.Then == FailureAction.Redirect ? new RetryTopics(this) : null;
    }

    public string Name { get; }

    public KafkaConsumerGroupOptions Options { get; }

    public ConsumerGroupContext Context { get; }

    public EventDispatcher Dispatcher { get; }

    /// <summary>Gets through what handlers are called; <see langword="null"/> if they are called as they are.</summary>
    public HandlerPipeline? Pipeline { get; }

    /// <summary>Gets where dead letters go; <see langword="null"/> if the policy makes none.</summary>
    public DeadLetterOutlet? DeadLetters { get; }

    /// <summary>Gets where failing keys are redirected to; <see langword="null"/> if the policy redirects none.</summary>
    public RetryTopics? RetryTopics { get; }

    /// <summary>Gets where the group's position is kept; <see langword="null"/> if that is its commit.</summary>
    public IPositionStore? Positions { get; init; }

    /// <summary>Gets whether the keys of records matter.</summary>
    public bool IsPerKey { get; }

    public ConsumerGroupMetrics Metrics { get; }

    /// <summary>Gets how many handler calls run at once.</summary>
    public int MaxConcurrency { get; private set; }

    /// <summary>Gets or sets the topics that are read by name, once they are found.</summary>
    public IReadOnlyDictionary<string, GroupTopic>? Topics { get; set; }

    /// <summary>Gets the names and patterns of the topics, as the client takes them.</summary>
    public IEnumerable<string> Subscription => Options.Topics.Concat(Options.Patterns).Order(StringComparer.Ordinal);

    /// <summary>Gets whether all topics are of streams.</summary>
    public bool ReadsStreamsOnly => Options.Patterns.Count == 0 && Options.Topics.All(IsEventTopic);

    /// <summary>Gets or sets this process's membership, while there is one.</summary>
    public GroupMember? Member { get; set; }

    /// <summary>Gets or sets why brokers did not let this process in when it asked last; <see langword="null"/> if they did.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>Gets or sets what ended the membership against its will.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Changes how many handler calls run at once, while the group runs too. Calls that are under way end as they would.</summary>
    public void SetMaxConcurrency(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);

        // The number first: a member that comes in between then begins with it.
        MaxConcurrency = workers;
        Member?.Workers.SetMaxConcurrency(workers);
    }

    /// <summary>Returns a topic that the group reads; of one that a pattern matched, the partition count is what its frames say.</summary>
    public GroupTopic FindTopic(string name) => Topics?.GetValueOrDefault(name) ?? new GroupTopic(name, Partitions: null, IsEventTopic(name));

    /// <summary>Returns whether streams are registered to live in a topic.</summary>
    public bool IsEventTopic(string name) => Context.EventStore.Value.Streams.Values.Any(topic => topic.Name == name);

    /// <summary>Returns the keys that stand still in this process because an event of theirs failed, or are redirected, those that failed first in front.</summary>
    public IReadOnlyList<ParkedKey> ListParked() => [.. (Member?.Partitions ?? []).SelectMany(partition => partition.ListParked()).OrderBy(parked => parked.Since)];

    /// <summary>Returns whether the group is told to pause a partition.</summary>
    public bool IsPaused(GroupPartition partition)
    {
        if (Context.Control is not { } control)
        {
            return false;
        }

        lock (control.Gate)
        {
            return control.Log.All.GetValueOrDefault(new(Name, partition.Topic.Name, partition.Number))?.IsPaused == true;
        }
    }

    /// <summary>Returns whether no event of a type was passed over before.</summary>
    public bool IsNewUnhandled(string eventType)
    {
        lock (_unhandledTypes)
        {
            return _unhandledTypes.Count < MaxUnhandledTypes && _unhandledTypes.Add(eventType);
        }
    }

    public void Dispose() => Metrics.Dispose();
}
