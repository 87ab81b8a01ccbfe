using Messaging.Patterns.ContractTests;
using Messaging.Patterns.ContractTests.EventSourcing;
using Messaging.Patterns.ContractTests.Kafka;

namespace Messaging.Patterns.Testing.Tests.Embedded;

/// <summary>The event store on the embedded broker, with read stores in memory.</summary>
public sealed class EmbeddedMemoryInstances() : EmbeddedInstances(isInMemory: true);

[CollectionDefinition]
public sealed class EmbeddedMemoryCollection : ICollectionFixture<EmbeddedMemoryInstances>;

[Collection<EmbeddedMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class EmbeddedMemoryAppendTests(EmbeddedMemoryInstances kafka) : AppendContract(kafka);

[Collection<EmbeddedMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class EmbeddedMemoryBadAppendTests(EmbeddedMemoryInstances kafka) : BadAppendContract(kafka);

[Collection<EmbeddedMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class EmbeddedMemoryConcurrentAppendTests(EmbeddedMemoryInstances kafka) : ConcurrentAppendContract(kafka);

[Collection<EmbeddedMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class EmbeddedMemoryRepeatedAppendTests(EmbeddedMemoryInstances kafka) : RepeatedAppendContract(kafka);

[Collection<EmbeddedMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class EmbeddedMemoryStreamReadTests(EmbeddedMemoryInstances kafka) : StreamReadContract(kafka);

[Collection<EmbeddedMemoryCollection>]
[Implementations(KafkaInstances.Store, KafkaInstances.Reader, KafkaInstances.Writer)]
public sealed class EmbeddedMemoryDecideTests(EmbeddedMemoryInstances kafka) : DecideContract(kafka);

[Collection<EmbeddedMemoryCollection>]
[Implementations(KafkaInstances.Reader)]
public sealed class EmbeddedMemoryEventFeedTests(EmbeddedMemoryInstances kafka) : EventFeedContract(kafka);

[Collection<EmbeddedMemoryCollection>]
[Implementations(KafkaInstances.Publisher)]
public sealed class EmbeddedMemoryEventPublisherTests(EmbeddedMemoryInstances kafka) : KafkaEventPublisherContract(kafka);
