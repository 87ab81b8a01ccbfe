using Messaging.Patterns.Kafka.Connection;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.EventSourcing;

internal sealed class KafkaEventReaderOptionsValidator : IValidateOptions<KafkaEventReaderOptions>
{
    public ValidateOptionsResult Validate(string? name, KafkaEventReaderOptions options)
    {
        var result = new ValidateOptionsResultBuilder();

        result.CheckTimeout(options.ReadTimeout, nameof(options.ReadTimeout));

        if (!options.InMemory && string.IsNullOrWhiteSpace(options.StorePath))
        {
            result.AddError($"must name a file, or {nameof(options.InMemory)} must be set.", nameof(options.StorePath));
        }

        return result.Build();
    }
}
