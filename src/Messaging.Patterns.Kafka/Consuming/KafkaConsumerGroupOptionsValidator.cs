using Confluent.Kafka;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Consuming;

internal sealed class KafkaConsumerGroupOptionsValidator(
    RegisteredEventTypes types, ProcessGroups groups, IOptionsMonitor<KafkaOptions> kafka, IOptionsMonitor<KafkaEventStoreOptions> store)
    : IValidateOptions<KafkaConsumerGroupOptions>
{
    // After so long without a poll the client gives its partitions up, unless set otherwise.
    private const int DefaultMaxPollIntervalMs = 300_000;

    private static readonly TimeSpan LongestBatchTimeout = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, KafkaConsumerGroupOptions options)
    {
        var result = new ValidateOptionsResultBuilder();

        if (groups.FindFault(name) is { } fault)
        {
            result.AddError(fault);
        }

        CheckTopics(name, options, result);
        TopicPatternRule.Check(name, options, StreamTopics(), result);
        CheckHandlers(name, options, result);
        CheckSettings(name, options, result);
        FailurePolicyRule.Check(name, options, result);
        return result.Build();
    }

    private IEnumerable<string> StreamTopics()
    {
        try
        {
            return store.CurrentValue.Streams.Values.Select(topic => topic.Name);
        }
        catch (OptionsValidationException)
        {
            // The start reports those options' own faults beside the group's.
            return [];
        }
    }

    private static void CheckTopics(string? name, KafkaConsumerGroupOptions options, ValidateOptionsResultBuilder result)
    {
        if (options.Topics.Count == 0 && options.Patterns.Count == 0)
        {
            result.AddError($"consumer group '{name}' reads no topic. Name one with From(\"...\"), or a pattern with FromPattern(\"^...\").", nameof(options.Topics));
        }

        foreach (var topic in options.Topics.Where(topic => string.IsNullOrWhiteSpace(topic) || topic.StartsWith('^')))
        {
            result.AddError($"consumer group '{name}' reads topic '{topic}', which is no topic's name. Patterns go into FromPattern.", nameof(options.Topics));
        }
    }

    private void CheckHandlers(string? name, KafkaConsumerGroupOptions options, ValidateOptionsResultBuilder result)
    {
        if (options.Handlers.IsEmpty)
        {
            result.AddError($"consumer group '{name}' has no handler. Add one with Handle<TEvent, THandler>().");
        }

        if (options.OnUnhandled == UnhandledEventPolicy.Raw && !options.Handlers.HandlesRecords)
        {
            result.AddError($"consumer group '{name}' hands what nobody takes to a handler of {nameof(RawRecord)}, and has none. Add Handle<{nameof(RawRecord)}>(...).", nameof(options.OnUnhandled));
        }

        if (options.Handlers.TakesRecords && StreamTopics().Intersect(options.Topics, StringComparer.Ordinal).FirstOrDefault() is { } topic)
        {
            result.AddError($"consumer group '{name}' has a handler of {nameof(RawRecord)} and reads topic '{topic}', which holds streams: some of its records lost a race and are no events. Handle {nameof(RawEvent)} instead.");
        }

        foreach (var fault in types.Find() is { } codec ? options.Handlers.FindFaults(codec) : [])
        {
            result.AddError($"consumer group '{name}' has a handler for an event type that cannot come: {fault}");
        }
    }

    private void CheckSettings(string? name, KafkaConsumerGroupOptions options, ValidateOptionsResultBuilder result)
    {
        if (!Enum.IsDefined(options.OnUnhandled))
        {
            result.AddError($"must be Skip, Stop or Raw, but is {options.OnUnhandled} in consumer group '{name}'.", nameof(options.OnUnhandled));
        }

        if (!Enum.IsDefined(options.Ordering))
        {
            result.AddError($"must be PerKey, PerPartition or Unordered, but is {options.Ordering} in consumer group '{name}'.", nameof(options.Ordering));
        }

        if (options.Handlers.NeedPartitionOrder && options.Ordering != ProcessingOrder.PerPartition)
        {
            result.AddError($"must be PerPartition, since consumer group '{name}' knows by its position alone what it has handled (WithInboxPosition), but is {options.Ordering}. With WithInbox any order will do.", nameof(options.Ordering));
        }

        if (options.CommitInterval <= TimeSpan.Zero)
        {
            result.AddError($"must be positive, but is {options.CommitInterval} in consumer group '{name}'.", nameof(options.CommitInterval));
        }

        if (options.BatchTimeout < TimeSpan.Zero || options.BatchTimeout > LongestBatchTimeout)
        {
            result.AddError($"must be from zero to {LongestBatchTimeout}, but is {options.BatchTimeout} in consumer group '{name}'.", nameof(options.BatchTimeout));
        }

        if (options.StuckAfter <= TimeSpan.Zero)
        {
            result.AddError($"must be positive, but is {options.StuckAfter} in consumer group '{name}'.", nameof(options.StuckAfter));
        }

        if (options.LaggingAfter <= TimeSpan.Zero)
        {
            result.AddError($"must be positive, but is {options.LaggingAfter} in consumer group '{name}'.", nameof(options.LaggingAfter));
        }

        foreach (var (property, value) in Limits(options).Where(limit => limit.Value < 1))
        {
            result.AddError($"must be at least 1, but is {value} in consumer group '{name}'.", property);
        }

        var config = ConfigOf(options);
        KafkaGuards.CheckConsumer(config, $"consumer group '{name}'", result);
        GroupMembership.Check(name, options, WithCommon(config), result);
        CheckDrain(name, options, config, result);
    }

    private static (string Property, long Value)[] Limits(KafkaConsumerGroupOptions options) =>
    [
        (nameof(options.MaxConcurrency), options.MaxConcurrency),
        (nameof(options.BatchSize), options.BatchSize),
        (nameof(options.MaxBufferedRecords), options.MaxBufferedRecords),
        (nameof(options.MaxBufferedBytes), options.MaxBufferedBytes),
        (nameof(options.MaxUncommittedRecords), options.MaxUncommittedRecords),
    ];

    private static ConsumerConfig ConfigOf(KafkaConsumerGroupOptions options)
    {
        var config = new ConsumerConfig();
        options.ConsumerConfig?.Invoke(config);
        return config;
    }

    private void CheckDrain(string? name, KafkaConsumerGroupOptions options, ConsumerConfig config, ValidateOptionsResultBuilder result)
    {
        var longest = TimeSpan.FromMilliseconds((WithCommon(config).MaxPollIntervalMs ?? DefaultMaxPollIntervalMs) / 2);

        if (options.DrainTimeout <= TimeSpan.Zero || options.DrainTimeout > longest)
        {
            result.AddError(
                $"must be positive and at most {longest}, half of 'max.poll.interval.ms', but is {options.DrainTimeout} in consumer group '{name}'.", nameof(options.DrainTimeout));
        }
    }

    /// <summary>Returns the settings of a group on top of those of all consumers.</summary>
    private ConsumerConfig WithCommon(ConsumerConfig own)
    {
        ConsumerConfig all;

        try
        {
            all = new ConsumerConfig(new Dictionary<string, string>(kafka.CurrentValue.Client.Concat(kafka.CurrentValue.Consumer).DistinctBy(setting => setting.Key)));
            kafka.CurrentValue.ConsumerConfig?.Invoke(all);
        }
        catch (OptionsValidationException)
        {
            // The start reports those options' own faults beside the group's.
            all = new ConsumerConfig();
        }

        foreach (var (setting, value) in own)
        {
            all.Set(setting, value);
        }

        return all;
    }
}
