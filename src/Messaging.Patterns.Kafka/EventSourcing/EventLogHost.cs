using Messaging.Patterns.Kafka.EventSourcing.Log;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>Runs the event log of the process. A topic that breaks the log contract ends the host, with every difference named.</summary>
internal sealed class EventLogHost(EventLog log, IOptions<KafkaEventWriterOptions> options, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await log.StartAsync(stoppingToken).ConfigureAwait(false);
            await KeepCheckpointAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; the log saves its checkpoint when it is disposed of.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        log.RefuseStart();
    }

    private async Task KeepCheckpointAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.CheckpointInterval, time);

        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            log.SaveCheckpoint();
        }
    }
}
