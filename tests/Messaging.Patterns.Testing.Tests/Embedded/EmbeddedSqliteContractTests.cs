using Messaging.Patterns.ContractTests;
using Messaging.Patterns.ContractTests.EventSourcing;
using Messaging.Patterns.ContractTests.Kafka;

namespace Messaging.Patterns.Testing.Tests.Embedded;

/// <summary>The event store on the embedded broker, with read stores in SQLite files.</summary>
public sealed class EmbeddedSqliteInstances() : EmbeddedInstances(isInMemory: false);

[CollectionDefinition]
public sealed class EmbeddedSqliteCollection : ICollectionFixture<EmbeddedSqliteInstances>;

[Collection<EmbeddedSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class EmbeddedSqliteAppendTests(EmbeddedSqliteInstances kafka) : AppendContract(kafka);

[Collection<EmbeddedSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class EmbeddedSqliteBadAppendTests(EmbeddedSqliteInstances kafka) : BadAppendContract(kafka);

[Collection<EmbeddedSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class EmbeddedSqliteConcurrentAppendTests(EmbeddedSqliteInstances kafka) : ConcurrentAppendContract(kafka);

[Collection<EmbeddedSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class EmbeddedSqliteRepeatedAppendTests(EmbeddedSqliteInstances kafka) : RepeatedAppendContract(kafka);

[Collection<EmbeddedSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class EmbeddedSqliteStreamReadTests(EmbeddedSqliteInstances kafka) : StreamReadContract(kafka);

[Collection<EmbeddedSqliteCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class EmbeddedSqliteDecideTests(EmbeddedSqliteInstances kafka) : DecideContract(kafka);

[Collection<EmbeddedSqliteCollection>]
[Implementations(KafkaInstances.Reader)]
public sealed class EmbeddedSqliteEventFeedTests(EmbeddedSqliteInstances kafka) : EventFeedContract(kafka);
