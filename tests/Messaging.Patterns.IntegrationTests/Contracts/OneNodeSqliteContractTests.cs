using Messaging.Patterns.ContractTests;
using Messaging.Patterns.ContractTests.EventSourcing;
using Messaging.Patterns.ContractTests.Kafka;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Contracts;

/// <summary>The event store on a real Kafka of one node, with read stores in SQLite files.</summary>
public sealed class OneNodeSqliteInstances(OneNodeKafka servers) : KafkaInstances(isInMemory: false)
{
    public override Task<string> GetBootstrapServersAsync() => servers.GetAsync();
}

[CollectionDefinition]
public sealed class OneNodeSqliteCollection : ICollectionFixture<OneNodeSqliteInstances>;

[Collection<OneNodeSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeSqliteAppendTests(OneNodeSqliteInstances kafka) : AppendContract(kafka);

[Collection<OneNodeSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeSqliteBadAppendTests(OneNodeSqliteInstances kafka) : BadAppendContract(kafka);

[Collection<OneNodeSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeSqliteConcurrentAppendTests(OneNodeSqliteInstances kafka) : ConcurrentAppendContract(kafka);

[Collection<OneNodeSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeSqliteRepeatedAppendTests(OneNodeSqliteInstances kafka) : RepeatedAppendContract(kafka);

[Collection<OneNodeSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeSqliteStreamReadTests(OneNodeSqliteInstances kafka) : StreamReadContract(kafka);

[Collection<OneNodeSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class OneNodeSqliteDecideTests(OneNodeSqliteInstances kafka) : DecideContract(kafka);

[Collection<OneNodeSqliteCollection>]
[Implementations(KafkaInstances.Reader)]
public sealed class OneNodeSqliteEventFeedTests(OneNodeSqliteInstances kafka) : EventFeedContract(kafka);

[Collection<OneNodeSqliteCollection>]
[Implementations(KafkaInstances.Publisher)]
public sealed class OneNodeSqliteEventPublisherTests(OneNodeSqliteInstances kafka) : KafkaEventPublisherContract(kafka);
