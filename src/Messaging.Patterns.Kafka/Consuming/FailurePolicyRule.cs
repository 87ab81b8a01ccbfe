using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Checks what a group is to do with events that cannot be handled.</summary>
internal static class FailurePolicyRule
{
    public static void Check(string? name, KafkaConsumerGroupOptions options, ValidateOptionsResultBuilder result)
    {
        try
        {
            options.Failures.BuildPipeline(TimeProvider.System);
        }
        catch (Exception exception)
        {
            // Whatever the user's function throws is a fault of the configuration, reported beside all others.
            result.AddError($"consumer group '{name}' has a pipeline for retries that cannot be made: {exception.Message}", nameof(options.Failures));
        }
    }
}
