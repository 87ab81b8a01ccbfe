using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>The Kafka of a run: that of KAFKA_BOOTSTRAP_SERVERS, or one node started from KAFKA_HOME.</summary>
internal sealed class BenchmarkKafka : IAsyncDisposable
{
    private readonly KafkaCluster? _cluster;

    private BenchmarkKafka(KafkaCluster? cluster, string bootstrapServers) => (_cluster, BootstrapServers) = (cluster, bootstrapServers);

    public string BootstrapServers { get; }

    /// <summary>Starts it, if it is not running already; <see langword="null"/> if there is none.</summary>
    public static async Task<BenchmarkKafka?> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP_SERVERS") is { Length: > 0 } given)
        {
            return new(null, given);
        }

        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KAFKA_HOME")))
        {
            return null;
        }

        var cluster = await KafkaCluster.StartAsync(1);
        return new(cluster, cluster.BootstrapServers);
    }

    public ValueTask DisposeAsync() => _cluster?.DisposeAsync() ?? ValueTask.CompletedTask;
}
