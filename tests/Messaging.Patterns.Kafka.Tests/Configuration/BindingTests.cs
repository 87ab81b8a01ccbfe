using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.Publishing;
using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Tests.Configuration;

public sealed class BindingTests
{
    [Fact]
    public void The_connection_is_bound()
    {
        var options = Get<KafkaOptions>(new()
        {
            ["Messaging:Kafka:BootstrapServers"] = "a:9092,b:9092",
            ["Messaging:Kafka:ClientId"] = "shop",
            ["Messaging:Kafka:Profile"] = "Development",
            ["Messaging:Kafka:Client:security.protocol"] = "ssl",
            ["Messaging:Kafka:Producer:linger.ms"] = "2",
            ["Messaging:Kafka:Consumer:fetch.min.bytes"] = "3",
        });

        Assert.Equal(("a:9092,b:9092", "shop", KafkaProfile.Development), (options.BootstrapServers, options.ClientId, options.Profile));
        Assert.Equal(("ssl", "2", "3"), (options.Client["security.protocol"], options.Producer["linger.ms"], options.Consumer["fetch.min.bytes"]));
    }

    [Fact]
    public void The_event_store_is_bound_with_its_topics()
    {
        var options = Get<KafkaEventStoreOptions>(new()
        {
            ["Messaging:Kafka:EventStore:Provisioning"] = "Verify",
            ["Messaging:Kafka:EventStore:AppendIdWindow"] = "500",
            ["Messaging:Kafka:EventStore:OnForeignRecord"] = "SetAside",
            ["Messaging:Kafka:EventStore:Streams:order:Name"] = "orders",
            ["Messaging:Kafka:EventStore:Streams:order:Partitions"] = "6",
            ["Messaging:Kafka:EventStore:Streams:order:ReplicationFactor"] = "3",
            ["Messaging:Kafka:EventStore:Streams:order:Configs:max.message.bytes"] = "2000000",
        });

        var topic = options.Streams["order"];
        Assert.Equal((ProvisioningMode.Verify, 500, ForeignRecordPolicy.SetAside), (options.Provisioning, options.AppendIdWindow, options.OnForeignRecord));
        Assert.Equal(("orders", 6, (short)3, "2000000"), (topic.Name, topic.Partitions, topic.ReplicationFactor, topic.Configs["max.message.bytes"]));
    }

    [Fact]
    public void Writer_reader_publisher_and_groups_are_bound()
    {
        using var provider = Build(new()
        {
            ["Messaging:Kafka:Writer:AppendTimeout"] = "00:00:05",
            ["Messaging:Kafka:Writer:MaxPendingAppends"] = "7",
            ["Messaging:Kafka:Writer:WriteContentTypeHeader"] = "true",
            ["Messaging:Kafka:Writer:CheckpointPath"] = "versions.bin",
            ["Messaging:Kafka:Writer:CheckpointInterval"] = "00:02:00",
            ["Messaging:Kafka:Reader:StorePath"] = "events.db",
            ["Messaging:Kafka:Reader:InMemory"] = "true",
            ["Messaging:Kafka:Reader:ReadTimeout"] = "00:00:06",
            ["Messaging:Kafka:Publisher:Source"] = "/shop",
            ["Messaging:Kafka:Publisher:Provisioning"] = "None",
            ["Messaging:Kafka:Groups:balances:CommitInterval"] = "00:00:03",
        });

        var (writer, reader, publisher) = (Value<KafkaEventWriterOptions>(provider), Value<KafkaEventReaderOptions>(provider), Value<KafkaPublisherOptions>(provider));
        Assert.Equal((TimeSpan.FromSeconds(5), 7, true), (writer.AppendTimeout, writer.MaxPendingAppends, writer.WriteContentTypeHeader));
        Assert.Equal(("versions.bin", TimeSpan.FromMinutes(2)), (writer.CheckpointPath, writer.CheckpointInterval));
        Assert.Equal(("events.db", true, TimeSpan.FromSeconds(6)), (reader.StorePath, reader.InMemory, reader.ReadTimeout));
        Assert.Equal(("/shop", ProvisioningMode.None), (publisher.Source, publisher.Provisioning));
        Assert.Equal(TimeSpan.FromSeconds(3), provider.GetRequiredService<IOptionsMonitor<KafkaConsumerGroupOptions>>().Get("balances").CommitInterval);
    }

    [Theory]
    [InlineData(null, typeof(CloudEventsFrameWriter))]
    [InlineData("CloudEvents", typeof(CloudEventsFrameWriter))]
    [InlineData("binary", typeof(BinaryFrameWriter))]
    public void The_layout_of_appends_is_bound(string? layout, Type writer)
    {
        using var provider = Build(new() { ["Messaging:Kafka:Writer:Layout"] = layout });

        Assert.IsType(writer, provider.GetRequiredService<IFrameWriter>());
    }

    [Fact]
    public void Code_goes_before_configuration()
    {
        using var provider = Build(
            new()
            {
                ["Messaging:Kafka:BootstrapServers"] = "configured:9092",
                ["Messaging:Kafka:ClientId"] = "configured",
                ["Messaging:Kafka:EventStore:Streams:account:Name"] = "configured",
            },
            kafka => kafka.BootstrapServers = "coded:9092");

        Assert.Equal(("coded:9092", "configured"), (Value<KafkaOptions>(provider).BootstrapServers, Value<KafkaOptions>(provider).ClientId));
        Assert.Equal("accounts", Value<KafkaEventStoreOptions>(provider).Streams["account"].Name);
    }

    [Fact]
    public void Without_configuration_the_defaults_hold()
    {
        var services = new ServiceCollection();
        services.AddKafkaEventSourcing(kafka => kafka.BootstrapServers = "localhost:1");
        using var provider = services.BuildServiceProvider();

        Assert.Equal(TimeSpan.FromSeconds(30), Value<KafkaEventWriterOptions>(provider).AppendTimeout);
        Assert.Equal(10_000, Value<KafkaEventStoreOptions>(provider).AppendIdWindow);
    }

    [Fact]
    public void Registering_again_adds_only_what_is_new()
    {
        var services = new ServiceCollection();
        services.AddKafkaEventSourcing(kafka => kafka.BootstrapServers = "localhost:1");
        var once = services.Where(IsNoConfigureAction).Select(service => service.ServiceType).ToList();

        services.AddKafkaEventSourcing(kafka => kafka.ClientId = "shop");

        Assert.Equal(once, services.Where(IsNoConfigureAction).Select(service => service.ServiceType));
        using var provider = services.BuildServiceProvider();
        Assert.Equal(("localhost:1", "shop"), (Value<KafkaOptions>(provider).BootstrapServers, Value<KafkaOptions>(provider).ClientId));
    }

    [Fact]
    public void Typed_settings_reach_the_clients_behind_the_configured_ones()
    {
        var options = new KafkaOptions { BootstrapServers = "localhost:1", Producer = { ["batch.size"] = "1000", ["message.max.bytes"] = "5000" } };
        options.ConfigureProducer(producer => producer.BatchSize = 2_000).ConfigureProducer(producer => producer.Acks = Acks.All);

        var clients = new KafkaClients(Options.Create(options), Microsoft.Extensions.Logging.Abstractions.NullLogger<KafkaClients>.Instance);

        Assert.Equal((2_000, 5_000), (clients.BatchSize, clients.MaxMessageBytes));
    }

    private static bool IsNoConfigureAction(ServiceDescriptor service) =>
        service.ServiceType is not { Name: "IConfigureOptions`1" } || service.ServiceType.GenericTypeArguments[0].Assembly == typeof(KafkaOptions).Assembly && service.ImplementationFactory is not null;

    private static T Get<T>(Dictionary<string, string?> configuration)
        where T : class
    {
        using var provider = Build(configuration);
        return Value<T>(provider);
    }

    private static T Value<T>(IServiceProvider provider)
        where T : class => provider.GetRequiredService<IOptions<T>>().Value;

    private static ServiceProvider Build(Dictionary<string, string?> settings, Action<KafkaOptions>? configure = null)
    {
        settings.TryAdd("Messaging:Kafka:BootstrapServers", "localhost:1");
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddLogging();
        services.AddKafkaEventSourcing(configure)
            .AddStreams("account", topic: "accounts")
            .AddConsumerGroup("balances", group => group.From("accounts").Handle<Messaging.Patterns.EventSourcing.RawEvent>((_, _, _) => default));
        return services.BuildServiceProvider();
    }
}
