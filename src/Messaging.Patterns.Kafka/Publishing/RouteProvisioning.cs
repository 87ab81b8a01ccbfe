using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Publishing;

/// <summary>Creates or verifies the topics of all routes when the host starts. A difference ends the host.</summary>
internal sealed class RouteProvisioning(TopicProvisioner provisioner, IOptions<KafkaPublisherOptions> options) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var topic in options.Value.GetRoutes().Select(route => route.Topic).DistinctBy(topic => topic.Name))
        {
            await provisioner.EnsureTopicAsync(topic, options.Value.Provisioning, stoppingToken).ConfigureAwait(false);
        }
    }
}
