using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Consuming;

internal sealed class KafkaConsumerGroupOptionsValidator(
    RegisteredEventTypes types, IEnumerable<ConsumerGroupName> groups, IOptionsMonitor<KafkaOptions> kafka) : IValidateOptions<KafkaConsumerGroupOptions>
{
    // After so long without a poll the client gives its partitions up, unless set otherwise.
    private const int DefaultMaxPollIntervalMs = 300_000;

    public ValidateOptionsResult Validate(string? name, KafkaConsumerGroupOptions options)
    {
        var result = new ValidateOptionsResultBuilder();

        if (groups.Count(group => group.Value == name) > 1)
        {
            result.AddError($"consumer group '{name}' is added more than once. Put its topics and handlers into one AddConsumerGroup(\"{name}\", ...).");
        }

        CheckTopics(name, options, result);
        CheckHandlers(name, options, result);
        CheckSettings(name, options, result);
        return result.Build();
    }

    private static void CheckTopics(string? name, KafkaConsumerGroupOptions options, ValidateOptionsResultBuilder result)
    {
        if (options.Topics.Count == 0)
        {
            result.AddError($"consumer group '{name}' reads no topic. Name one with From(\"...\").", nameof(options.Topics));
        }

        foreach (var topic in options.Topics.Where(topic => string.IsNullOrWhiteSpace(topic) || topic.StartsWith('^')))
        {
            result.AddError($"consumer group '{name}' reads topic '{topic}', which is no topic's name; patterns are not supported.", nameof(options.Topics));
        }
    }

    private void CheckHandlers(string? name, KafkaConsumerGroupOptions options, ValidateOptionsResultBuilder result)
    {
        if (options.Handlers.IsEmpty)
        {
            result.AddError($"consumer group '{name}' has no handler. Add one with Handle<TEvent, THandler>().");
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
            result.AddError($"must be Skip or Stop, but is {options.OnUnhandled} in consumer group '{name}'.", nameof(options.OnUnhandled));
        }

        if (options.CommitInterval <= TimeSpan.Zero)
        {
            result.AddError($"must be positive, but is {options.CommitInterval} in consumer group '{name}'.", nameof(options.CommitInterval));
        }

        if (options.MaxWaitingRecords < 1)
        {
            result.AddError($"must be at least 1, but is {options.MaxWaitingRecords} in consumer group '{name}'.", nameof(options.MaxWaitingRecords));
        }

        var config = new ConsumerConfig();
        options.ConsumerConfig?.Invoke(config);
        KafkaGuards.CheckConsumer(config, $"consumer group '{name}'", result);
        CheckDrain(name, options, config, result);
    }

    private void CheckDrain(string? name, KafkaConsumerGroupOptions options, ConsumerConfig config, ValidateOptionsResultBuilder result)
    {
        var longest = TimeSpan.FromMilliseconds((config.MaxPollIntervalMs ?? FindCommonMaxPollInterval() ?? DefaultMaxPollIntervalMs) / 2);

        if (options.DrainTimeout <= TimeSpan.Zero || options.DrainTimeout > longest)
        {
            result.AddError(
                $"must be positive and at most {longest}, half of 'max.poll.interval.ms', but is {options.DrainTimeout} in consumer group '{name}'.", nameof(options.DrainTimeout));
        }
    }

    private int? FindCommonMaxPollInterval()
    {
        try
        {
            var common = new ConsumerConfig(new Dictionary<string, string>(kafka.CurrentValue.Consumer));
            kafka.CurrentValue.ConsumerConfig?.Invoke(common);
            return common.MaxPollIntervalMs;
        }
        catch (OptionsValidationException)
        {
            // The start reports those options' own faults beside the group's.
            return null;
        }
    }
}
