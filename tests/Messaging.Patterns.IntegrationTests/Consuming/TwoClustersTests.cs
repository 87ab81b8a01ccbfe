using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>One process with two clusters, in which everything has the same names.</summary>
public sealed class TwoClustersTests(OneNodeKafka first, ThreeNodeKafka second)
{
    private const string Second = "reporting";

    private readonly string _prefix = KafkaTopics.UniqueName("clusters");
    private readonly Handled _inFirst = new();
    private readonly Handled _inSecond = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stores_publishers_groups_dead_letters_and_orders_of_two_clusters_do_not_meet()
    {
        using var host = await StartAsync();
        await PublishAsync(host.Services.GetRequiredService<IEventPublisher>(), 1, 2);
        await PublishAsync(host.Services.GetRequiredKeyedService<IEventPublisher>(Second), 11, -12, 13);

        await _inFirst.UntilCountAsync(2);
        await _inSecond.UntilCountAsync(2);
        Assert.Equal([1, 2], _inFirst.Numbers);
        Assert.Equal([11, 13], _inSecond.Numbers);

        await CheckStoresAsync(host.Services);
        await CheckDeadLettersAsync(host.Services);
        await CheckRewindAsync(host.Services);
        await host.StopAsync(Cancellation);
    }

    private static async Task CheckStoresAsync(IServiceProvider services)
    {
        var (one, other) = (services.GetRequiredService<IEventStore>(), services.GetRequiredKeyedService<IEventStore>(Second));
        var stream = new StreamId("counter", "1");
        await one.AppendAsync(stream, ExpectedVersion.NoStream, [new EventData(new Counted(100))], cancellationToken: Cancellation);
        await other.AppendAsync(stream, ExpectedVersion.NoStream, [new EventData(new Counted(200)), new EventData(new Counted(201))], cancellationToken: Cancellation);

        Assert.Equal([new Counted(100)], await ReadAsync(one, stream));
        Assert.Equal([new Counted(200), new Counted(201)], await ReadAsync(other, stream));
    }

    private async Task CheckDeadLettersAsync(IServiceProvider services)
    {
        var letters = new List<DeadLetter>();

        await foreach (var letter in services.GetRequiredKeyedService<IDeadLetters>(Second).BrowseAsync($"{_prefix}.second", cancellationToken: Cancellation))
        {
            letters.Add(letter);
        }

        Assert.Equal(1, Assert.Single(letters).Offset);
    }

    private async Task CheckRewindAsync(IServiceProvider services)
    {
        var control = services.GetRequiredKeyedService<IConsumerGroupControl>(Second);
        var plan = await control.PlanRewindAsync(new GroupScope($"{_prefix}.second"), RewindTarget.Beginning, Cancellation);
        await control.RewindAsync(plan, Cancellation);

        await _inSecond.UntilAsync(all => all.Count >= 4);
        Assert.Equal([11, 13, 11, 13], _inSecond.Numbers);
        Assert.Equal([1, 2], _inFirst.Numbers);
    }

    private static async Task<List<object>> ReadAsync(IEventStore store, StreamId stream)
    {
        var read = new List<object>();

        await foreach (var recorded in store.ReadStreamAsync(stream, new StreamReadOptions { Consistency = ReadConsistency.Strong }, Cancellation))
        {
            read.Add(recorded.Payload);
        }

        return read;
    }

    private static async Task PublishAsync(IEventPublisher publisher, params int[] numbers)
    {
        foreach (var number in numbers)
        {
            await publisher.PublishAsync(new EventData(new Counted(number)), Cancellation);
        }
    }

    private async Task<IHost> StartAsync()
    {
        var (firstServers, secondServers) = (await first.GetAsync(), await second.GetAsync());
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "two" });
        builder.ConfigureContainer(new DefaultServiceProviderFactory(new() { ValidateOnBuild = true, ValidateScopes = true }));
        Add(builder.Services.AddKafkaEventSourcing(kafka => kafka.BootstrapServers = firstServers), "first", _inFirst);
        Add(builder.Services.AddKafkaEventSourcing(Second, kafka => kafka.BootstrapServers = secondServers), "second", _inSecond);
        builder.Services.AddSingleton(new Factor(1));
        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;
    }

    private void Add(IMessagingPatternsBuilder builder, string group, Handled handled)
    {
        var topic = $"{_prefix}.counts";
        builder.AddEventType<Counted>()
            .AddKafkaEventReader(options => options.InMemory = true)
            .AddStreams("counter", $"{_prefix}.streams", specification => specification.Partitions = 1)
            .AddRoute<Counted>(topic, _ => "key", specification => specification.Partitions = 1)
            .AddConsumerGroupControl(options => options.Topic = $"{_prefix}.control")
            .AddConsumerGroup($"{_prefix}.{group}", one => one
                .From(topic)
                .Handle<Counted>((counted, context, token) => counted.Number < 0 ? throw new NotSupportedException() : handled.HandleAsync(counted, context, token))
                .Use<Scoped>()
                .OnFailure(failure => failure.WithoutRetryLater().ThenDeadLetter()));
    }

    private sealed record Factor(int Value);

    // Handlers of both clusters come from scopes of the application.
    private sealed class Scoped(Factor factor) : IEventMiddleware
    {
        public ValueTask InvokeAsync(HandlerCall call, Func<CancellationToken, ValueTask> next, CancellationToken cancellationToken) =>
            factor.Value == 1 ? next(cancellationToken) : throw new NotSupportedException();
    }
}
