using Messaging.Patterns.ContractTests.Kafka;
using Messaging.Patterns.Kafka;

namespace Messaging.Patterns.Testing.Tests.Embedded;

/// <summary>The event store on an embedded broker of its own.</summary>
public abstract class EmbeddedInstances(bool isInMemory) : KafkaInstances(isInMemory, KafkaProfile.Development)
{
    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();

    public override Task<string> GetBootstrapServersAsync() => Task.FromResult(_kafka.BootstrapServers);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _kafka.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
