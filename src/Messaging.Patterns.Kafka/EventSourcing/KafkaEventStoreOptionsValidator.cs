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

        if (!Enum.IsDefined(options.OnForeignRecord))
        {
            result.AddError($"must be Stop or SetAside, but is {options.OnForeignRecord}.", nameof(options.OnForeignRecord));
        }

        foreach (var (category, topic) in options.Streams)
        {
            if (category.Length == 0 || category.Contains('-', StringComparison.Ordinal))
            {
                result.AddError($"category '{category}' must be neither empty nor contain '-', which separates it from the id.", nameof(options.Streams));
            }

            if (options.Streams.Values.Any(other => other.Name == topic.Name && other.Partitions != topic.Partitions))
            {
                result.AddError($"topic '{topic.Name}' is given with different partition counts.", nameof(options.Streams));
            }
        }

        return result.Build();
    }
}
