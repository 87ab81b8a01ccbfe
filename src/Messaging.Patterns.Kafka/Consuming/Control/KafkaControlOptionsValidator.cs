using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Consuming.Control;

internal sealed class KafkaControlOptionsValidator : IValidateOptions<KafkaControlOptions>
{
    public ValidateOptionsResult Validate(string? name, KafkaControlOptions options)
    {
        var result = new ValidateOptionsResultBuilder();

        if (!TopicSpecification.IsValid(options.Topic))
        {
            result.AddError($"is '{options.Topic}', which cannot name a topic: expected 1 to 249 letters, digits, '.', '_' and '-'.", nameof(options.Topic));
        }

        if (!Enum.IsDefined(options.Provisioning))
        {
            result.AddError($"must be CreateOrVerify, Verify or None, but is {options.Provisioning}.", nameof(options.Provisioning));
        }

        return result.Build();
    }
}
