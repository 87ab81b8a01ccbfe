using Messaging.Patterns.ContractTests;
using Messaging.Patterns.ContractTests.EventSourcing;
using Messaging.Patterns.ContractTests.Kafka;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Contracts;

/// <summary>The event store on a real Kafka of three nodes, with read stores in SQLite files.</summary>
public sealed class ThreeNodeSqliteInstances(ThreeNodeKafka servers) : KafkaInstances(isInMemory: false)
{
    public override Task<string> GetBootstrapServersAsync() => servers.GetAsync();
}

[CollectionDefinition]
public sealed class ThreeNodeSqliteCollection : ICollectionFixture<ThreeNodeSqliteInstances>;

[Collection<ThreeNodeSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class ThreeNodeSqliteAppendTests(ThreeNodeSqliteInstances kafka) : AppendContract(kafka);

[Collection<ThreeNodeSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class ThreeNodeSqliteBadAppendTests(ThreeNodeSqliteInstances kafka) : BadAppendContract(kafka);

[Collection<ThreeNodeSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class ThreeNodeSqliteConcurrentAppendTests(ThreeNodeSqliteInstances kafka) : ConcurrentAppendContract(kafka);

[Collection<ThreeNodeSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class ThreeNodeSqliteRepeatedAppendTests(ThreeNodeSqliteInstances kafka) : RepeatedAppendContract(kafka);

[Collection<ThreeNodeSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class ThreeNodeSqliteStreamReadTests(ThreeNodeSqliteInstances kafka) : StreamReadContract(kafka);

[Collection<ThreeNodeSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class ThreeNodeSqliteDecideTests(ThreeNodeSqliteInstances kafka) : DecideContract(kafka);

[Collection<ThreeNodeSqliteCollection>]
[Implementations(KafkaInstances.Reader)]
public sealed class ThreeNodeSqliteEventFeedTests(ThreeNodeSqliteInstances kafka) : EventFeedContract(kafka);

[Collection<ThreeNodeSqliteCollection>]
[Implementations(KafkaInstances.Publisher)]
public sealed class ThreeNodeSqliteEventPublisherTests(ThreeNodeSqliteInstances kafka) : KafkaEventPublisherContract(kafka);
