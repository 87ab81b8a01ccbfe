using Messaging.Patterns.ContractTests;
using Messaging.Patterns.ContractTests.EventSourcing;
using Messaging.Patterns.ContractTests.Kafka;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Contracts;

/// <summary>The event store on a real Kafka of one node, with read stores in SQLite files, all appends in layout <c>binary</c>.</summary>
public sealed class OneNodeBinaryInstances(OneNodeKafka servers) : KafkaInstances(isInMemory: false, first: LogLayout.Binary, second: LogLayout.Binary)
{
    public override Task<string> GetBootstrapServersAsync() => servers.GetAsync();
}

[CollectionDefinition]
public sealed class OneNodeBinaryCollection : ICollectionFixture<OneNodeBinaryInstances>;

[Collection<OneNodeBinaryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeBinaryAppendTests(OneNodeBinaryInstances kafka) : AppendContract(kafka);

[Collection<OneNodeBinaryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeBinaryBadAppendTests(OneNodeBinaryInstances kafka) : BadAppendContract(kafka);

[Collection<OneNodeBinaryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeBinaryConcurrentAppendTests(OneNodeBinaryInstances kafka) : ConcurrentAppendContract(kafka);

[Collection<OneNodeBinaryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeBinaryRepeatedAppendTests(OneNodeBinaryInstances kafka) : RepeatedAppendContract(kafka);

[Collection<OneNodeBinaryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeBinaryStreamReadTests(OneNodeBinaryInstances kafka) : StreamReadContract(kafka);

[Collection<OneNodeBinaryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeBinaryDecideTests(OneNodeBinaryInstances kafka) : DecideContract(kafka);

[Collection<OneNodeBinaryCollection>]
[Implementations(KafkaInstances.Reader)]
public sealed class OneNodeBinaryEventFeedTests(OneNodeBinaryInstances kafka) : EventFeedContract(kafka);
