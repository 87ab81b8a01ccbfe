using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.EventSourcing;

internal sealed class KafkaEventWriterOptionsValidator : IValidateOptions<KafkaEventWriterOptions>
{
    public ValidateOptionsResult Validate(string? name, KafkaEventWriterOptions options)
    {
        var result = new ValidateOptionsResultBuilder();

        if (options.AppendTimeout <= TimeSpan.Zero)
        {
            result.AddError($"must be positive, but is {options.AppendTimeout}.", nameof(options.AppendTimeout));
        }

        if (options.MaxPendingAppends < 1)
        {
            result.AddError($"must be at least 1, but is {options.MaxPendingAppends}.", nameof(options.MaxPendingAppends));
        }

        if (options.CheckpointInterval <= TimeSpan.Zero)
        {
            result.AddError($"must be positive, but is {options.CheckpointInterval}.", nameof(options.CheckpointInterval));
        }

        return result.Build();
    }
}
