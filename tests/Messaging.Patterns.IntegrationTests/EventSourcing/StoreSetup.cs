using Messaging.Patterns.Kafka;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>How an instance of an application with the event store is to be.</summary>
/// <param name="BootstrapServers">The brokers.</param>
/// <param name="TopicName">The topic of category <c>note</c>.</param>
internal sealed record StoreSetup(string BootstrapServers, string TopicName)
{
    public bool Writes { get; init; } = true;

    public bool Reads { get; init; } = true;

    /// <summary>Gets where the instance keeps its files; <see langword="null"/> for a folder of its own, gone with it.</summary>
    public string? Folder { get; init; }

    public Action<TopicSpecification> Topic { get; init; } = topic => topic.Partitions = 4;

    public Action<KafkaOptions> Kafka { get; init; } = _ => { };

    public Action<KafkaEventStoreOptions> Store { get; init; } = _ => { };

    public Action<KafkaEventWriterOptions> Writer { get; init; } = _ => { };

    public Action<KafkaEventReaderOptions> Reader { get; init; } = _ => { };

    public Action<IMessagingPatternsBuilder> More { get; init; } = _ => { };
}
