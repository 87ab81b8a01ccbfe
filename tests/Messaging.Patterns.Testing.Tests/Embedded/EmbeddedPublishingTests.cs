using System.Globalization;
using Confluent.Kafka;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Kafka.Publishing;
using Messaging.Patterns.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.Testing.Tests.Embedded;

/// <summary>Publishing when the local queue is full, the broker refuses or is away, and the application stops.</summary>
public sealed class EmbeddedPublishingTests : IAsyncDisposable
{
    private const string Topic = "published";

    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _kafka.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(50)]
    public async Task A_full_local_queue_waits_and_keeps_the_order(int room)
    {
        using var host = await StartAsync(producer => (producer.QueueBufferingMaxMessages, producer.LingerMs) = (room, 0));

        await Task.WhenAll(Publish(host, 200));

        Assert.Equal(Enumerable.Range(0, 200), Read(200));
    }

    [Fact]
    public async Task Events_wait_for_a_broker_that_is_away_and_keep_the_order()
    {
        using var host = await StartAsync(_ => { });
        await Task.WhenAll(Publish(host, 1));
        _kafka.StopBroker();
        var published = Publish(host, 100);
        Assert.All(published, one => Assert.False(one.IsCompleted));

        _kafka.StartBroker();

        await Task.WhenAll(published);
        Assert.Equal([0, .. Enumerable.Range(0, 100)], Read(101));
    }

    [Fact]
    public async Task A_broker_that_stays_away_is_told_with_its_address_once_the_time_is_up()
    {
        using var host = await StartAsync(producer => producer.MessageTimeoutMs = 500);
        _kafka.StopBroker();

        var exception = await Assert.ThrowsAsync<KafkaUnavailableException>(() => Publish(host, 1)[0]);

        Assert.True(exception.IsTransient);
        Assert.Contains(_kafka.BootstrapServers, exception.Message, StringComparison.Ordinal);
        Assert.Contains($"'{Topic}'", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Why the relay of an outbox has one row of a key under way, and not several.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Events_behind_one_whose_time_is_up_are_stored_all_the_same_also_with_the_gapless_guarantee_of_librdkafka(bool isGapless)
    {
        using var host = await StartAsync(producer => (producer.MessageTimeoutMs, producer.ReconnectBackoffMaxMs, producer.EnableGaplessGuarantee) = (2_000, 100, isGapless));
        await Task.WhenAll(Publish(host, 1));
        _kafka.StopBroker();
        var first = Publish(host, 1)[0];
        var behind = Publish(host, 1)[0];

        while (!first.IsCompleted)
        {
            behind = Publish(host, 1)[0];
            await Task.Delay(20, Cancellation);
        }

        _kafka.StartBroker();
        await Assert.ThrowsAnyAsync<MessagingException>(() => first);
        await behind;
    }

    [Theory]
    [InlineData(ErrorCode.MsgSizeTooLarge, false)]
    [InlineData(ErrorCode.InvalidRecord, false)]
    [InlineData(ErrorCode.PolicyViolation, false)]
    public async Task An_event_that_the_broker_refuses_is_told_to_its_publisher_alone(ErrorCode refusal, bool isTransient)
    {
        using var host = await StartAsync(_ => { });
        _kafka.FailRequests(KafkaRequest.Produce, refusal);

        var exception = await Assert.ThrowsAsync<PublishException>(() => Publish(host, 1)[0]);

        Assert.Equal((Topic, false, isTransient), (exception.Topic, exception.PossiblyPersisted, exception.IsTransient));
        await Task.WhenAll(Publish(host, 3));
        Assert.Equal([0, 1, 2], Read(3));
    }

    [Fact]
    public async Task An_event_beyond_the_producers_limit_is_refused_at_once_and_the_next_one_is_not()
    {
        using var host = await StartAsync(producer => producer.MessageMaxBytes = 2_000);
        var publisher = host.Services.GetRequiredService<IEventPublisher>();

        var exception = await Assert.ThrowsAsync<PublishException>(() => publisher.PublishAsync(new EventData(new Opened(new string('x', 3_000))), Cancellation).AsTask());

        Assert.Equal((false, false), (exception.PossiblyPersisted, exception.IsTransient));
        await Task.WhenAll(Publish(host, 1));
    }

    [Fact]
    public async Task Stopping_the_application_delivers_what_was_handed_over()
    {
        var host = await StartAsync(producer => producer.LingerMs = 200);
        var published = Publish(host, 100);

        await host.StopAsync(Cancellation);
        host.Dispose();

        Assert.All(published, one => Assert.True(one.IsCompletedSuccessfully));
        Assert.Equal(Enumerable.Range(0, 100), Read(100));
    }

    [Fact]
    public async Task Stopping_the_application_while_the_broker_is_away_tells_every_publisher()
    {
        var host = await StartAsync(producer => (producer.MessageTimeoutMs, producer.QueueBufferingMaxMessages) = (500, 10));
        _kafka.StopBroker();
        var published = Publish(host, 20);

        await host.StopAsync(Cancellation);
        host.Dispose();

        foreach (var one in published)
        {
            await Assert.ThrowsAnyAsync<MessagingException>(() => one);
        }
    }

    private static List<Task<Position>> Publish(IHost host, int count)
    {
        var publisher = host.Services.GetRequiredService<IEventPublisher>();
        return [.. Enumerable.Range(0, count).Select(number => publisher.PublishAsync(new EventData(new Opened("Ada")) { Id = $"{number}" }, Cancellation).AsTask())];
    }

    private List<int> Read(int count)
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig { BootstrapServers = _kafka.BootstrapServers, GroupId = "reads", EnableAutoCommit = false, FetchWaitMaxMs = 10 }).Build();
        consumer.Assign(Enumerable.Range(0, EmbeddedKafka.DefaultPartitions).Select(partition => new TopicPartitionOffset(Topic, partition, Offset.Beginning)));
        return [.. Enumerable.Range(0, count).Select(_ => int.Parse(CloudEventJson.Read(consumer.Consume(Cancellation).Message.Value).Id, CultureInfo.InvariantCulture))];
    }

    private async Task<IHost> StartAsync(Action<ProducerConfig> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddKafka(kafka =>
            {
                (kafka.BootstrapServers, kafka.Profile) = (_kafka.BootstrapServers, KafkaProfile.Development);
                kafka.ConfigureProducer(configure);
            })
            .AddContractEvents()
            .AddKafkaPublisher()
            .AddRoute<Opened>(Topic, opened => opened.Owner);
        var host = builder.Build();
        await host.StartAsync(Cancellation);
        await Task.WhenAll(host.Services.GetServices<IHostedService>().OfType<BackgroundService>().Select(service => service.ExecuteTask!));
        return host;
    }
}
