using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>One node for the tests of one class, which may do to it what they like as long as it runs again afterwards.</summary>
public sealed class OwnKafka(OneNodeKafka kafka) : IAsyncLifetime
{
    private KafkaCluster? _cluster;

    public async Task<KafkaCluster> GetAsync()
    {
        // Skips where there is no Kafka to be started.
        await kafka.GetClusterAsync();
        return _cluster ??= await KafkaCluster.StartAsync(1);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _cluster?.DisposeAsync() ?? ValueTask.CompletedTask;
}
