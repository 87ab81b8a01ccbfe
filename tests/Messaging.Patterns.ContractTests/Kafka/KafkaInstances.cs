using Messaging.Patterns.Kafka;
using Messaging.Patterns.Kafka.EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.ContractTests.Kafka;

/// <summary>Two applications with the event store on a Kafka, on topics of their own.</summary>
/// <param name="isInMemory">Whether read stores are in memory, or else SQLite files.</param>
/// <param name="profile">What kind of Kafka it is.</param>
/// <param name="first">The layout in which the first application writes.</param>
/// <param name="second">The layout in which the second one writes.</param>
public abstract class KafkaInstances(
    bool isInMemory, KafkaProfile profile = KafkaProfile.Production, LogLayout first = LogLayout.CloudEvents, LogLayout second = LogLayout.CloudEvents) : Instances
{
    public const string Store = "Messaging.Patterns.Kafka.EventSourcing.KafkaEventStore";
    public const string Reader = "Messaging.Patterns.Kafka.EventSourcing.KafkaEventReader";
    public const string Writer = "Messaging.Patterns.Kafka.EventSourcing.KafkaEventWriter";
    public const string Publisher = "Messaging.Patterns.Kafka.Publishing.KafkaEventPublisher";

    private const int Partitions = 4;

    private readonly string _topic = $"contract.{Guid.NewGuid():N}";
    private readonly string _folder = Directory.CreateTempSubdirectory("contract-").FullName;
    private int _started;

    /// <summary>Gets the topic of published events.</summary>
    public string PublishedTopic => $"{_topic}.published";

    /// <summary>Returns the brokers, or skips the test.</summary>
    public abstract Task<string> GetBootstrapServersAsync();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override async Task<IHost> StartAsync()
    {
        var bootstrapServers = await GetBootstrapServersAsync();
        var layout = ++_started == 1 ? first : second;
        var builder = Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = _folder });
        builder.Services.AddKafkaEventSourcing(kafka => (kafka.BootstrapServers, kafka.Profile) = (bootstrapServers, profile))
            .AddKafkaEventReader(reader => (reader.InMemory, reader.StorePath) = (isInMemory, $"{_started}.db"))
            .AddKafkaEventWriter(writer => writer.Layout = layout)
            .AddContractEvents()
            .AddStreams(ContractEvents.Category, _topic, topic => topic.Partitions = Partitions)
            .AddRoute<Opened>(PublishedTopic, opened => opened.Owner, topic => topic.Partitions = Partitions)
            .AddRoute<Unwritable>(PublishedTopic, unwritable => "unwritable", topic => topic.Partitions = Partitions)
            .Services.Configure<KafkaEventStoreOptions>(store => store.AppendIdWindow = ContractEvents.AppendIdWindow);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
