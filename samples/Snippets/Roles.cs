using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.Publishing;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

public sealed class Report([FromKeyedServices("reporting")] IEventPublisher publisher)
{
    public async Task SendAsync(PriceChanged price, CancellationToken cancellationToken) => await publisher.PublishAsync(new EventData(price), cancellationToken);
}

public static class Roles
{
    public static void AddAll(IServiceCollection services)
    {
        services.AddKafkaEventSourcing(kafka => kafka.BootstrapServers = "localhost:9092")
            .AddEventTypes<AccountOpened>()
            .AddStreams("account", topic: "accounts");
    }

    public static void AddSecondCluster(IServiceCollection services)
    {
        services.AddKafkaEventSourcing(kafka => kafka.BootstrapServers = "localhost:9092")
            .AddStreams("account", topic: "accounts");

        services.AddKafkaEventSourcing("reporting", kafka => kafka.BootstrapServers = "reporting:9092")
            .AddRoute<PriceChanged>("prices", price => price.Product)
            .AddConsumerGroup("report", group => group.From("sales").Handle<AccountCharged, BalanceProjection>());
    }

    public static void AddWriter(IServiceCollection services)
    {
        services.AddKafka()
            .AddKafkaEventWriter(writer => writer.CheckpointPath = "data/versions.bin")
            .AddEventTypes<AccountOpened>()
            .AddStreams("account", topic: "accounts");
    }

    public static void AddBinaryWriter(IServiceCollection services)
    {
        services.AddKafkaEventSourcing()
            .AddKafkaEventWriter(writer => writer.Layout = LogLayout.Binary);
    }

    public static void AddReader(IServiceCollection services)
    {
        services.AddKafka()
            .AddKafkaEventReader(reader => reader.StorePath = "data/accounts.db")
            .AddEventTypes<AccountOpened>()
            .AddStreams("account", topic: "accounts");
    }

    public static void AddTopics(IServiceCollection services)
    {
        services.AddKafkaEventSourcing()
            .AddEventTypes<AccountOpened>()
            .AddStreams("account", topic: "accounts", accounts =>
            {
                accounts.Partitions = 24;
                accounts.ReplicationFactor = 3;
                accounts.Configs["max.message.bytes"] = "5000000";
            });

        services.Configure<KafkaEventStoreOptions>(store => store.Provisioning = ProvisioningMode.Verify);
    }

    public static void AddSecurity(IServiceCollection services)
    {
        services.AddKafkaEventSourcing(kafka =>
        {
            kafka.BootstrapServers = "broker-1:9093,broker-2:9093";
            kafka.Client["security.protocol"] = "sasl_ssl";
            kafka.Client["sasl.mechanism"] = "SCRAM-SHA-512";
            kafka.ConfigureProducer(producer => producer.LingerMs = 2);
        });
    }
}
