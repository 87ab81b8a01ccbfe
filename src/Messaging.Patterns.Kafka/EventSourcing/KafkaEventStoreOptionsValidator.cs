using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.EventSourcing;

internal sealed class KafkaEventStoreOptionsValidator : IValidateOptions<KafkaEventStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, KafkaEventStoreOptions options)
    {
        var result = new ValidateOptionsResultBuilder();

        if (options.AppendIdWindow < 1)
        {
            result.AddError($"must be at least 1, but is {options.AppendIdWindow}.", nameof(options.AppendIdWindow));
        }

        result.CheckTimeout(options.TopicCheckInterval, nameof(options.TopicCheckInterval));

        if (!Enum.IsDefined(options.OnForeignRecord))
        {
            result.AddError($"must be Stop or SetAside, but is {options.OnForeignRecord}.", nameof(options.OnForeignRecord));
        }

        if (!Enum.IsDefined(options.Provisioning))
        {
            result.AddError($"must be CreateOrVerify, Verify or None, but is {options.Provisioning}.", nameof(options.Provisioning));
        }

        CheckStreams(options, result);
        return result.Build();
    }

    private static void CheckStreams(KafkaEventStoreOptions options, ValidateOptionsResultBuilder result)
    {
        foreach (var category in options.Streams.Keys.Where(category => !StreamId.TryParse($"{category}-1", out var stream) || stream.Category != category))
        {
            result.AddError($"category '{category}' can name no stream: it must be printable, without white space, and without '-', which separates it from the id.", nameof(options.Streams));
        }

        foreach (var contradiction in options.GetContradictions())
        {
            result.AddError(contradiction, nameof(options.Streams));
        }

        result.CheckTopics(options.Streams.Values, nameof(options.Streams));

        foreach (var topic in options.Streams.Values.Distinct())
        {
            foreach (var (config, value) in LogTopicContract.Required.Where(one => topic.Configs.TryGetValue(one.Key, out var own) && own != one.Value))
            {
                result.AddError($"topic '{topic.Name}' is given '{config}' as '{topic.Configs[config]}', but a topic of streams needs '{value}'. Remove the setting.", nameof(options.Streams));
            }
        }
    }
}
