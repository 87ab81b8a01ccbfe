namespace Messaging.Patterns.TestServers;

/// <summary>A Kafka for the tests of an assembly, started when the first one asks for it. See CONTRIBUTING.md for where it comes from.</summary>
public abstract class KafkaFixture(int nodes) : IAsyncLifetime
{
    private readonly SemaphoreSlim _gate = new(1);
    private KafkaCluster? _cluster;

    private static bool IsRequired => Environment.GetEnvironmentVariable("MESSAGING_PATTERNS_REQUIRE_SERVERS") == "1";

    /// <summary>Returns the addresses of the brokers, or skips the test (fails it where servers are required).</summary>
    public async Task<string> GetAsync()
    {
        if (nodes == 1 && Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP_SERVERS") is { Length: > 0 } given)
        {
            return given;
        }

        return (await GetClusterAsync()).BootstrapServers;
    }

    /// <summary>Returns the cluster itself, whose nodes can be killed, or skips the test (fails it where servers are required).</summary>
    public async Task<KafkaCluster> GetClusterAsync()
    {
        RequireDownload();
        await _gate.WaitAsync();

        try
        {
            return _cluster ??= await KafkaCluster.StartAsync(nodes);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Skips the test where there is no Kafka to be started (fails it where servers are required).</summary>
    public static void RequireDownload()
    {
        if (KafkaInstallation.Home is null)
        {
            const string Reason = "There is no Kafka: set KAFKA_HOME to a Kafka 4.x download (Java 17 on PATH), or KAFKA_BOOTSTRAP_SERVERS to a running one.";
            Assert.SkipUnless(IsRequired, Reason);
            Assert.Fail(Reason);
        }
    }

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _gate.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>One node; replication 1.</summary>
public sealed class OneNodeKafka() : KafkaFixture(1);

/// <summary>Three nodes; replication 3, two in-sync replicas needed.</summary>
public sealed class ThreeNodeKafka() : KafkaFixture(3);
