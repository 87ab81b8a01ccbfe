using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Tests.Configuration;

/// <summary>A host with faulty options does not start, and says everything that is wrong at once.</summary>
public sealed class StartFaultsTests
{
    [Fact]
    public async Task Every_fault_of_every_options_class_is_listed_at_one_start()
    {
        var builder = CreateBuilder(new()
        {
            ["Messaging:Kafka:Producer:acks"] = "1",
            ["Messaging:Kafka:EventStore:AppendIdWindow"] = "0",
            ["Messaging:Kafka:Writer:AppendTimeout"] = "soon",
            ["Messaging:Kafka:Reader:ReadTimeout"] = "-00:00:01",
            ["Messaging:Kafka:Publisher:Source"] = "",
            ["Messaging:Kafka:Groups:balances:MaxBufferedRecords"] = "0",
        });
        builder.Services.AddKafkaEventSourcing()
            .AddEventType<Nameless>()
            .AddStreams("account", topic: "accounts")
            .AddConsumerGroup("balances", group => group.From("accounts").Handle<RawEvent>((_, _, _) => default));

        var faults = await StartAsync(builder);

        Assert.Equal(
            [
                "Property AppendIdWindow: must be at least 1, but is 0.",
                "Property BootstrapServers: must name the brokers, as in 'localhost:9092'. Set it in code or in the configuration section 'Messaging:Kafka'.",
                "Property MaxBufferedRecords: must be at least 1, but is 0 in consumer group 'balances'.",
                "Property Producer: 'acks' is '1', but must be all: otherwise acknowledged records are lost when a broker dies. Remove the setting.",
                "Property ReadTimeout: must be positive and at most 24 days, but is -00:00:01.",
                "Property Source: must be a URI reference, but is ''.",
                $"'{typeof(Nameless)}' has no event type name. Declare one: [EventType(\"...\")].",
                "Failed to convert configuration value 'soon' at 'Messaging:Kafka:Writer:AppendTimeout' to type 'System.TimeSpan'. String 'soon' was not recognized as a valid TimeSpan.",
            ],
            faults.Order(StringComparer.Ordinal).OrderBy(fault => fault.StartsWith("Property", StringComparison.Ordinal) ? 0 : fault.StartsWith('\'') ? 1 : 2));
    }

    [Fact]
    public async Task What_is_said_twice_and_differently_is_listed()
    {
        var builder = CreateBuilder(new() { ["Messaging:Kafka:BootstrapServers"] = "localhost:1" });
        builder.Services.AddKafkaEventSourcing()
            .AddEventType<Named>()
            .AddStreams("account", topic: "accounts", topic => (topic.Partitions, topic.Configs["retention.ms"]) = (3, "60000"))
            .AddStreams("order", topic: "accounts", topic => (topic.Partitions, topic.ReplicationFactor) = (6, 0))
            .AddStreams("order", topic: "orders")
            .AddStreams("ledger", topic: "accounts", topic => topic.Partitions = 6)
            .AddRoute<Named>("accounts", _ => "1")
            .AddRoute<Named>("named", _ => "1", topic => topic.Partitions = 0)
            .AddRoute<Nameless>("named", _ => "1", topic => topic.Partitions = 6);

        var faults = await StartAsync(builder);

        Assert.Equal(
            [
                "Property Routes: '" + typeof(Named) + "' has more than one route: 'accounts', 'named'. Keep one.",
                "Property Routes: '" + typeof(Nameless) + "' is not a registered event type. Declare its name with [EventType(\"...\")] and register it with AddEventType<Nameless>() or AddEventTypes<Nameless>().",
                "Property Routes: topic 'named' is given 0 partitions; at least 1 is needed.",
                "Property Routes: topic 'named' is given with different partition counts.",
                "Property Streams: category 'order' is added with topic 'accounts' and with topic 'orders'. Keep one.",
                "Property Streams: topic 'accounts' is given 'retention.ms' as '60000', but a topic of streams needs '-1'. Remove the setting.",
                "Property Streams: topic 'accounts' is given with different partition counts.",
                "Property Streams: topic 'accounts' is given with different settings of 'retention.ms'.",
            ],
            faults.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_route_to_a_topic_of_streams_is_refused()
    {
        var builder = CreateBuilder(new() { ["Messaging:Kafka:BootstrapServers"] = "localhost:1" });
        builder.Services.AddKafka().AddKafkaPublisher().AddEventType<Named>().AddStreams("account", topic: "accounts").AddRoute<Named>("accounts", _ => "1");

        Assert.Equal(
            ["Property Routes: '" + typeof(Named) + "' is routed to 'accounts', a topic of streams, which takes appends only. Name another topic."],
            await StartAsync(builder));
    }

    [Fact]
    public async Task A_route_to_what_is_no_topic_is_refused()
    {
        var builder = CreateBuilder(new() { ["Messaging:Kafka:BootstrapServers"] = "localhost:1" });
        builder.Services.AddKafka().AddKafkaPublisher().AddEventType<Named>().AddRoute<Named>("named topic", _ => "1");

        Assert.Equal(
            ["Property Routes: '" + typeof(Named) + "' is routed to 'named topic', which cannot name a topic: expected 1 to 249 letters, digits, '.', '_' and '-'."],
            await StartAsync(builder));
    }

    private static HostApplicationBuilder CreateBuilder(Dictionary<string, string?> configuration)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(configuration);
        builder.Logging.ClearProviders();
        return builder;
    }

    private static async Task<IEnumerable<string>> StartAsync(HostApplicationBuilder builder)
    {
        using var host = builder.Build();
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(TestContext.Current.CancellationToken));

        return failure is AggregateException all
            ? all.InnerExceptions.Cast<OptionsValidationException>().SelectMany(one => one.Failures)
            : Assert.IsType<OptionsValidationException>(failure).Failures;
    }

    [EventType("named")]
    private sealed record Named;

    private sealed record Nameless;
}
