using Messaging.Patterns.Kafka.Connection.Clusters;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Connection;

internal sealed class KafkaOptionsValidator(KafkaClusterName? cluster = null) : IValidateOptions<KafkaOptions>
{
    public ValidateOptionsResult Validate(string? name, KafkaOptions options)
    {
        var result = new ValidateOptionsResultBuilder();

        if (string.IsNullOrWhiteSpace(options.BootstrapServers))
        {
            result.AddError($"must name the brokers, as in 'localhost:9092'. Set it in code or in the configuration section '{cluster?.SectionOf(KafkaOptions.Section) ?? KafkaOptions.Section}'.", nameof(options.BootstrapServers));
        }

        if (!Enum.IsDefined(options.Profile))
        {
            result.AddError($"must be Production or Development, but is {options.Profile}.", nameof(options.Profile));
        }

        KafkaGuards.Check(options, result);
        return result.Build();
    }
}
