using Messaging.Patterns.Kafka.EventSourcing.Log;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>Runs the event log of the process. A topic that breaks the log contract ends the host, with every difference named.</summary>
internal sealed partial class EventLogHost(EventLog log, IOptions<KafkaEventWriterOptions> options, TimeProvider time, ILogger<EventLogHost> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var sweeping = log.SweepAsync(stoppingToken);

        try
        {
            await log.StartAsync(stoppingToken).ConfigureAwait(false);
            await KeepCheckpointAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; the log saves its checkpoint when it is disposed of.
        }

        await sweeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task KeepCheckpointAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.CheckpointInterval, time);

        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                log.SaveCheckpoint();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Log.NotSaved(logger, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1302, LogLevel.Error, "The checkpoint could not be written; it is tried again, and until then a start folds more of the log.")]
        public static partial void NotSaved(ILogger logger, Exception exception);
    }
}
