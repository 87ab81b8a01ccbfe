using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Kafka.Connection.Clusters;

/// <summary>Registers to a cluster with a name. Its services are a container of its own, built as that of the cluster without a name is, so that nothing of one reaches into another.</summary>
internal sealed class KafkaClusterBuilder(string name, IServiceCollection application) : IMessagingPatternsBuilder
{
    public string Name => name;

    public IServiceCollection Services { get; } = new ServiceCollection();

    public IServiceCollection Application => application;
}
