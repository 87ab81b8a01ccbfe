using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Publishing;

/// <summary>Creates or verifies the topics of all routes when the host starts. A difference ends the host.</summary>
internal sealed class RouteProvisioning(TopicProvisioner provisioner, KafkaProducer producer, IOptions<KafkaPublisherOptions> options) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var topics = options.Value.GetRoutes().Select(route => route.Topic).DistinctBy(topic => topic.Name).ToList();

        if (topics.Count > 0)
        {
            producer.Open();
        }

        foreach (var topic in topics)
        {
            await provisioner.EnsureTopicAsync(topic, options.Value.Provisioning, stoppingToken).ConfigureAwait(false);
        }
    }
}
