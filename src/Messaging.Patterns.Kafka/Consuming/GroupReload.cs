using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Takes over what may change while a group runs when the configuration changes: the number of handler calls at once.</summary>
internal sealed partial class GroupReload(ConsumerGroup group, IOptionsFactory<KafkaConsumerGroupOptions> options, IConfiguration? configuration)
{
    /// <summary>Begins to watch the configuration, until the result is disposed.</summary>
    public IDisposable? Watch() => configuration is null ? null : ChangeToken.OnChange(configuration.GetReloadToken, Apply);

    private void Apply()
    {
        try
        {
            if (options.Create(group.Name).MaxConcurrency is var workers && workers != group.MaxConcurrency)
            {
                group.SetMaxConcurrency(workers);
                Log.Changed(group.Context.Logger, group.Name, workers);
            }
        }
        catch (OptionsValidationException exception)
        {
            Log.Refused(group.Context.Logger, exception, group.Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1404, LogLevel.Information, "Consumer group {Group} handles up to {Workers} events at once from now on, since its configuration changed.")]
        public static partial void Changed(ILogger logger, string group, int workers);

        [LoggerMessage(1405, LogLevel.Error, "The configuration of consumer group {Group} changed and is faulty; the group goes on as it was.")]
        public static partial void Refused(ILogger logger, Exception exception, string group);
    }
}
