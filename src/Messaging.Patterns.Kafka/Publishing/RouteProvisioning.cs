using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.Publishing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Publishing;

/// <summary>Creates or verifies the topics of all routes when the host starts. A difference ends the host.</summary>
internal sealed class RouteProvisioning(
    TopicProvisioner provisioner, KafkaProducer producer, IOptions<EventRouteOptions> routes, IOptions<KafkaPublisherOptions> options) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Specifications go first: routes of one topic may be given with and without.
        var topics = options.Value.GetTopics().Concat(routes.Value.Routes.Select(route => new TopicSpecification(route.Topic))).DistinctBy(topic => topic.Name).ToList();

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
