using Messaging.Patterns.ContractTests;
using Messaging.Patterns.ContractTests.EventSourcing;
using Messaging.Patterns.ContractTests.Kafka;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Contracts;

/// <summary>The event store on a real Kafka of one node, with read stores in memory; one of the two applications appends in each layout, to the same topic.</summary>
public sealed class OneNodeMixedInstances(OneNodeKafka servers) : KafkaInstances(isInMemory: true, first: LogLayout.Binary, second: LogLayout.CloudEvents)
{
    public override Task<string> GetBootstrapServersAsync() => servers.GetAsync();
}

[CollectionDefinition]
public sealed class OneNodeMixedCollection : ICollectionFixture<OneNodeMixedInstances>;

[Collection<OneNodeMixedCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeMixedAppendTests(OneNodeMixedInstances kafka) : AppendContract(kafka);

[Collection<OneNodeMixedCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeMixedBadAppendTests(OneNodeMixedInstances kafka) : BadAppendContract(kafka);

[Collection<OneNodeMixedCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeMixedConcurrentAppendTests(OneNodeMixedInstances kafka) : ConcurrentAppendContract(kafka);

[Collection<OneNodeMixedCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeMixedRepeatedAppendTests(OneNodeMixedInstances kafka) : RepeatedAppendContract(kafka);

[Collection<OneNodeMixedCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeMixedStreamReadTests(OneNodeMixedInstances kafka) : StreamReadContract(kafka);

[Collection<OneNodeMixedCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeMixedDecideTests(OneNodeMixedInstances kafka) : DecideContract(kafka);

[Collection<OneNodeMixedCollection>]
[Implementations(KafkaInstances.Reader)]
public sealed class OneNodeMixedEventFeedTests(OneNodeMixedInstances kafka) : EventFeedContract(kafka);
