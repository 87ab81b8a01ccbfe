using Messaging.Patterns.Kafka.Connection;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.EventSourcing;

internal sealed class KafkaEventWriterOptionsValidator : IValidateOptions<KafkaEventWriterOptions>
{
    public ValidateOptionsResult Validate(string? name, KafkaEventWriterOptions options)
    {
        var result = new ValidateOptionsResultBuilder();

        result.CheckTimeout(options.AppendTimeout, nameof(options.AppendTimeout));

        if (options.MaxPendingAppends < 1)
        {
            result.AddError($"must be at least 1, but is {options.MaxPendingAppends}.", nameof(options.MaxPendingAppends));
        }

        if (options.MaxPendingBytes < 1)
        {
            result.AddError($"must be at least 1, but is {options.MaxPendingBytes}.", nameof(options.MaxPendingBytes));
        }

        if (!Enum.IsDefined(options.Layout))
        {
            result.AddError($"must be {LogLayout.CloudEvents} or {LogLayout.Binary}, but is {options.Layout}.", nameof(options.Layout));
        }

        if (options is { Layout: LogLayout.Binary, WriteContentTypeHeader: true })
        {
            result.AddError(
                $"cannot be set with {nameof(options.Layout)} {LogLayout.Binary}: its records have no media type that others know, and are written without headers.",
                nameof(options.WriteContentTypeHeader));
        }

        result.CheckTimeout(options.CheckpointInterval, nameof(options.CheckpointInterval));

        if (options.CheckpointPath is not null && string.IsNullOrWhiteSpace(options.CheckpointPath))
        {
            result.AddError("must name a file, or be left out.", nameof(options.CheckpointPath));
        }

        return result.Build();
    }
}
