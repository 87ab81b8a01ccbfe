using Messaging.Patterns.ContractTests;
using Messaging.Patterns.ContractTests.EventSourcing;
using Messaging.Patterns.ContractTests.Kafka;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Contracts;

/// <summary>The event store on a real Kafka of three nodes, with read stores in memory.</summary>
public sealed class ThreeNodeMemoryInstances(ThreeNodeKafka servers) : KafkaInstances(isInMemory: true)
{
    public override Task<string> GetBootstrapServersAsync() => servers.GetAsync();
}

[CollectionDefinition]
public sealed class ThreeNodeMemoryCollection : ICollectionFixture<ThreeNodeMemoryInstances>;

[Collection<ThreeNodeMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class ThreeNodeMemoryAppendTests(ThreeNodeMemoryInstances kafka) : AppendContract(kafka);

[Collection<ThreeNodeMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class ThreeNodeMemoryBadAppendTests(ThreeNodeMemoryInstances kafka) : BadAppendContract(kafka);

[Collection<ThreeNodeMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class ThreeNodeMemoryConcurrentAppendTests(ThreeNodeMemoryInstances kafka) : ConcurrentAppendContract(kafka);

[Collection<ThreeNodeMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class ThreeNodeMemoryRepeatedAppendTests(ThreeNodeMemoryInstances kafka) : RepeatedAppendContract(kafka);

[Collection<ThreeNodeMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class ThreeNodeMemoryStreamReadTests(ThreeNodeMemoryInstances kafka) : StreamReadContract(kafka);

[Collection<ThreeNodeMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class ThreeNodeMemoryDecideTests(ThreeNodeMemoryInstances kafka) : DecideContract(kafka);

[Collection<ThreeNodeMemoryCollection>]
[Implementations(KafkaInstances.Reader)]
public sealed class ThreeNodeMemoryEventFeedTests(ThreeNodeMemoryInstances kafka) : EventFeedContract(kafka);
