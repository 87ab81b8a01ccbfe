using Messaging.Patterns.ContractTests;
using Messaging.Patterns.ContractTests.EventSourcing;
using Messaging.Patterns.ContractTests.Kafka;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Contracts;

/// <summary>The event store on a real Kafka of one node, with read stores in memory.</summary>
public sealed class OneNodeMemoryInstances(OneNodeKafka servers) : KafkaInstances(isInMemory: true)
{
    public override Task<string> GetBootstrapServersAsync() => servers.GetAsync();
}

[CollectionDefinition]
public sealed class OneNodeMemoryCollection : ICollectionFixture<OneNodeMemoryInstances>;

[Collection<OneNodeMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeMemoryAppendTests(OneNodeMemoryInstances kafka) : AppendContract(kafka);

[Collection<OneNodeMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeMemoryBadAppendTests(OneNodeMemoryInstances kafka) : BadAppendContract(kafka);

[Collection<OneNodeMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeMemoryConcurrentAppendTests(OneNodeMemoryInstances kafka) : ConcurrentAppendContract(kafka);

[Collection<OneNodeMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeMemoryRepeatedAppendTests(OneNodeMemoryInstances kafka) : RepeatedAppendContract(kafka);

[Collection<OneNodeMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeMemoryStreamReadTests(OneNodeMemoryInstances kafka) : StreamReadContract(kafka);

[Collection<OneNodeMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeMemoryDecideTests(OneNodeMemoryInstances kafka) : DecideContract(kafka);

[Collection<OneNodeMemoryCollection>]
[Implementations(KafkaInstances.Reader)]
public sealed class OneNodeMemoryEventFeedTests(OneNodeMemoryInstances kafka) : EventFeedContract(kafka);
