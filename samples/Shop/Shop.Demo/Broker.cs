using Confluent.Kafka;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Testing;

namespace Shop.Demo;

/// <summary>The Kafka that the shop runs on: a real one, or the embedded broker in this process, which serves the shop's processes as well.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private readonly EmbeddedKafka? _embedded;

    private Broker(string bootstrapServers, EmbeddedKafka? embedded) => (BootstrapServers, _embedded) = (bootstrapServers, embedded);

    public string BootstrapServers { get; }

    public KafkaProfile Profile => _embedded is null ? KafkaProfile.Production : KafkaProfile.Development;

    /// <summary>Starts the embedded broker, or finds out whether a real Kafka answers.</summary>
    /// <exception cref="KafkaException">It does not.</exception>
    public static Broker Open(string? bootstrapServers)
    {
        if (bootstrapServers is not null)
        {
            using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).SetLogHandler((_, _) => { }).Build();
            admin.GetMetadata(TimeSpan.FromSeconds(10));
            return new Broker(bootstrapServers, embedded: null);
        }

        var embedded = EmbeddedKafka.Start();
        return new Broker(embedded.BootstrapServers, embedded);
    }

    public ValueTask DisposeAsync() => _embedded?.DisposeAsync() ?? ValueTask.CompletedTask;

    public override string ToString() => _embedded is null ? $"Kafka at {BootstrapServers}" : $"the embedded broker at {BootstrapServers}";
}
