using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Connection.Clusters;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Tests.Connection;

/// <summary>Registering clusters with names; what they do is tested on real brokers.</summary>
public sealed class KafkaClusterTests
{
    private readonly HostApplicationBuilder _builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());

    private IServiceCollection Services => _builder.Services;

    [Fact]
    public void Each_cluster_has_its_own_contracts_and_the_application_those_of_the_one_without_a_name()
    {
        Services.AddKafkaEventSourcing(kafka => kafka.BootstrapServers = "first:1").AddStreams("account", "accounts");
        Services.AddKafkaEventSourcing("reporting", kafka => kafka.BootstrapServers = "second:1").AddStreams("account", "accounts");
        using var host = _builder.Build();

        var store = host.Services.GetRequiredKeyedService<IEventStore>("reporting");
        Assert.NotSame(host.Services.GetRequiredService<IEventStore>(), store);
        Assert.Same(store, host.Services.GetRequiredKeyedService<IEventStore>("reporting"));
        Assert.NotNull(host.Services.GetRequiredKeyedService<IEventPublisher>("reporting"));
        Assert.NotNull(host.Services.GetRequiredKeyedService<IEventFeed>("reporting"));
        Assert.NotNull(host.Services.GetRequiredKeyedService<IRecordProducer>("reporting"));
        Assert.Equal(("first:1", "second:1"), (host.Services.GetRequiredService<KafkaClients>().BootstrapServers, InCluster<KafkaClients>(host, "reporting").BootstrapServers));
    }

    [Fact]
    public void What_was_not_registered_with_a_cluster_is_not_found_under_its_name()
    {
        Services.AddKafka(kafka => kafka.BootstrapServers = "first:1").AddKafkaPublisher().AddConsumerGroupControl();
        Services.AddKafka("reporting", kafka => kafka.BootstrapServers = "second:1");
        using var host = _builder.Build();

        Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredKeyedService<IEventPublisher>("reporting"));
        Assert.Null(host.Services.GetKeyedService<IConsumerGroupControl>("reporting"));
        Assert.Null(host.Services.GetKeyedService<IEventStore>("unknown"));
    }

    [Fact]
    public void A_cluster_is_bound_from_a_section_of_its_own_and_has_files_of_its_own()
    {
        _builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Messaging:Kafka:BootstrapServers"] = "first:1",
            ["Messaging:Kafka:Clusters:reporting:BootstrapServers"] = "second:1",
            ["Messaging:Kafka:Clusters:reporting:Groups:copies:MaxConcurrency"] = "3",
        });
        Services.AddKafkaEventSourcing();
        Services.AddKafkaEventSourcing("reporting").AddEventType<Noted>().AddConsumerGroup("copies", group => group.From("topic").Handle<Noted>((_, _, _) => ValueTask.CompletedTask));
        using var host = _builder.Build();

        Assert.Equal(("first:1", "second:1"), (host.Services.GetRequiredService<KafkaClients>().BootstrapServers, InCluster<KafkaClients>(host, "reporting").BootstrapServers));
        Assert.Equal(3, InCluster<IOptionsMonitor<Kafka.Consuming.KafkaConsumerGroupOptions>>(host, "reporting").Get("copies").MaxConcurrency);
        Assert.Equal(Path.Combine("data", "reporting", "event-store.db"), InCluster<IOptions<KafkaEventReaderOptions>>(host, "reporting").Value.StorePath);
    }

    [Fact]
    public async Task All_faults_of_all_clusters_are_told_at_the_start_and_name_the_cluster_and_its_section()
    {
        Services.AddKafka(kafka => kafka.BootstrapServers = "").AddConsumerGroup("empty", _ => { });
        Services.AddKafka("reporting").AddConsumerGroup("also-empty", _ => { });

        var failures = await StartAsync();

        Assert.Contains(failures, failure => failure.StartsWith("Kafka cluster 'reporting': ", StringComparison.Ordinal) && failure.Contains("'Messaging:Kafka:Clusters:reporting'", StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.StartsWith("Kafka cluster 'reporting': consumer group 'also-empty' has no handler", StringComparison.Ordinal) || failure.Contains("'also-empty' has no handler", StringComparison.Ordinal));
        Assert.Contains(failures, failure => !failure.StartsWith("Kafka cluster", StringComparison.Ordinal) && failure.Contains("'Messaging:Kafka'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_group_of_the_same_name_in_two_clusters_is_refused_with_the_remedy()
    {
        Add(Services.AddKafka(kafka => kafka.BootstrapServers = "first:1"));
        Add(Services.AddKafka("reporting", kafka => kafka.BootstrapServers = "second:1"));

        var failures = await StartAsync();

        Assert.Contains(failures, failure => failure.Contains("'same' is added to several clusters: the one without a name and 'reporting'", StringComparison.Ordinal) && failure.Contains("Give each a name of its own", StringComparison.Ordinal));

        static void Add(IMessagingPatternsBuilder builder) =>
            builder.AddEventType<Noted>().AddConsumerGroup("same", group => group.From("topic").Handle<Noted>((_, _, _) => ValueTask.CompletedTask));
    }

    [Fact]
    public async Task Health_checks_of_a_cluster_are_the_applications_under_its_name()
    {
        Services.AddKafka(kafka => kafka.BootstrapServers = "localhost:1");
        Services.AddKafka("reporting", kafka => kafka.BootstrapServers = "localhost:1")
            .AddEventType<Noted>().AddConsumerGroup("copies", group => group.From("topic").Handle<Noted>((_, _, _) => ValueTask.CompletedTask));
        using var host = _builder.Build();

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HealthStatus.Degraded, Assert.Contains("reporting/kafka-consumer-group-copies", report.Entries).Status);
    }

    [Fact]
    public void The_same_name_goes_on_with_the_same_cluster_and_handlers_are_the_applications()
    {
        Services.AddKafka("reporting", kafka => kafka.BootstrapServers = "first:1").AddKafkaPublisher();
        Services.AddKafka("reporting", kafka => kafka.BootstrapServers = "second:1").AddEventType<Noted>().AddConsumerGroup("copies", group => group.From("topic").Handle<Noted, NotedHandler>());
        using var host = _builder.Build();

        Assert.Equal("second:1", InCluster<KafkaClients>(host, "reporting").BootstrapServers);
        Assert.NotNull(host.Services.GetRequiredKeyedService<IEventPublisher>("reporting"));
        Assert.Equal(ServiceLifetime.Scoped, Assert.Single(Services, service => service.ServiceType == typeof(NotedHandler)).Lifetime);
        Assert.Single(Services, service => service.ServiceType == typeof(KafkaClusterServices));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a:b")]
    [InlineData("a b")]
    public void A_name_that_cannot_be_one_is_refused(string name) => Assert.Throws<ArgumentException>(() => Services.AddKafka(name));

    private static T InCluster<T>(IHost host, string name)
        where T : notnull => host.Services.GetRequiredKeyedService<KafkaClusterServices>(name).Provider.GetRequiredService<T>();

    private async Task<List<string>> StartAsync()
    {
        using var host = _builder.Build();
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(TestContext.Current.CancellationToken));
        IEnumerable<Exception> all = exception is AggregateException several ? several.InnerExceptions : [exception];
        return [.. all.SelectMany(one => Assert.IsType<OptionsValidationException>(one).Failures)];
    }

    [EventType("noted")]
    public sealed record Noted(string Text);

    private sealed class NotedHandler : IEventHandler<Noted>
    {
        public ValueTask HandleAsync(Noted @event, EventContext context, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
