using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.Kafka.Connection.Clusters;

/// <summary>Runs what runs for a cluster with a name. Where one of it fails, so does this, and the host ends as if it were its own.</summary>
internal sealed class KafkaClusterHost(KafkaClusterServices services) : BackgroundService
{
    private List<IHostedService> _running = [];

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _running = [.. services.Provider.GetServices<IHostedService>()];

        foreach (var service in _running)
        {
            await service.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();

        foreach (var service in Enumerable.Reverse(_running))
        {
            try
            {
                await service.StopAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // The others are to stop in order all the same.
                failures.Add(exception);
            }
        }

        await base.StopAsync(cancellationToken).ConfigureAwait(false);

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var tasks = _running.OfType<BackgroundService>().Select(service => service.ExecuteTask).OfType<Task>().ToList();

        try
        {
            while (tasks.Count > 0)
            {
                var ended = await Task.WhenAny(tasks).WaitAsync(stoppingToken).ConfigureAwait(false);
                tasks.Remove(ended);
                await ended.ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }
}
