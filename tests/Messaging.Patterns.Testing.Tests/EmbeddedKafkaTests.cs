using Confluent.Kafka;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Testing.Tests;

public sealed class EmbeddedKafkaTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start(brokers: 3);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _kafka.DisposeAsync();

    [Fact]
    public async Task The_event_store_works_on_it_with_topics_that_appear_by_themselves()
    {
        using var host = await StartHostAsync();
        var store = host.Services.GetRequiredService<IEventStore>();
        var feed = host.Services.GetRequiredService<IEventFeed>();
        var account = new StreamId("account", "42");

        var first = await store.AppendAsync(account, ExpectedVersion.NoStream, [new(new Opened("Ada"))], cancellationToken: Cancellation);
        var second = await store.AppendAsync(account, ExpectedVersion.Exactly(1), [new(new Charged(5)), new(new Charged(7))], cancellationToken: Cancellation);

        var session = new StreamReadOptions { Consistency = ReadConsistency.Session(second.Position) };
        var strong = new StreamReadOptions { Consistency = ReadConsistency.Strong };
        Assert.Equal([new Opened("Ada"), new Charged(5), new Charged(7)], await store.ReadStreamAsync(account, session, Cancellation).Select(recorded => recorded.Payload).ToListAsync(Cancellation));
        Assert.Equal([1L, 2L, 3L], await store.ReadStreamAsync(account, strong, Cancellation).Select(recorded => recorded.Version).ToListAsync(Cancellation));
        Assert.Equal([2L, 3L], await feed.ReadAllAsync(first.Position, cancellationToken: Cancellation).Select(recorded => recorded.Version).ToListAsync(Cancellation));
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Published_events_are_consumed_and_a_position_is_consumed_from_again()
    {
        using var host = await StartHostAsync();
        var publisher = host.Services.GetRequiredService<IEventPublisher>();

        for (var amount = 1; amount <= 3; amount++)
        {
            await publisher.PublishAsync(new EventData(new Charged(amount)), Cancellation);
        }

        using var consumer = Consume("charges");
        var partition = consumer.Consume(Cancellation).TopicPartition;
        consumer.Consume(Cancellation);
        Assert.Equal(2, consumer.Consume(Cancellation).Offset.Value);
        consumer.Seek(new TopicPartitionOffset(partition, 1));
        Assert.Equal(1, consumer.Consume(Cancellation).Offset.Value);
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task When_it_has_dropped_records_an_event_store_that_starts_stops_instead_of_missing_them()
    {
        using var first = await StartHostAsync();
        var account = new StreamId("account", "42");

        // Six times a megabyte is more than it keeps of a partition.
        for (var version = 0; version < 6; version++)
        {
            await first.Services.GetRequiredService<IEventStore>().AppendAsync(account, ExpectedVersion.Exactly(version), [new(new Opened(new string('x', 1_000_000)))], cancellationToken: Cancellation);
        }

        using var second = await StartHostAsync();

        await Assert.ThrowsAsync<EventStoreStoppedException>(() =>
            second.Services.GetRequiredService<IEventStore>().ReadStreamAsync(account, cancellationToken: Cancellation).ToListAsync(Cancellation).AsTask());
    }

    [Fact]
    public async Task A_topic_has_the_partitions_that_it_was_created_with()
    {
        _kafka.CreateTopic("wide", partitions: 17, replicationFactor: 3);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _kafka.BootstrapServers }).Build();

        var topic = await Task.Run(() => admin.GetMetadata("wide", Patience).Topics.Single(), Cancellation);

        Assert.Equal(17, topic.Partitions.Count);
        Assert.All(topic.Partitions, partition => Assert.Equal(3, partition.Replicas.Length));
    }

    [Fact]
    public void A_topic_cannot_be_created_twice()
    {
        _kafka.CreateTopic("once", partitions: 1);

        var exception = Assert.Throws<KafkaException>(() => _kafka.CreateTopic("once", partitions: 1));

        Assert.Equal(ErrorCode.TopicAlreadyExists, exception.Error.Code);
    }

    [Fact]
    public async Task A_broker_that_is_down_answers_again_when_it_is_up()
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = _kafka.BootstrapServers, Acks = Acks.All }).Build();
        await ProduceAsync(producer);
        _kafka.StopBroker();
        var waiting = ProduceAsync(producer);

        Assert.False(waiting.IsCompleted);
        _kafka.StartBroker();

        Assert.Equal(PersistenceStatus.Persisted, (await waiting).Status);
    }

    [Fact]
    public async Task A_refused_request_is_not_carried_out()
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = _kafka.BootstrapServers, Acks = Acks.All }).Build();
        _kafka.FailRequests(KafkaRequest.Produce, ErrorCode.MsgSizeTooLarge);

        var exception = await Assert.ThrowsAsync<ProduceException<Null, byte[]>>(() => ProduceAsync(producer));
        var delivered = await ProduceAsync(producer);

        Assert.Equal(ErrorCode.MsgSizeTooLarge, exception.Error.Code);
        Assert.Equal(0, delivered.Offset.Value);
    }

    [Fact]
    public async Task Errors_that_no_request_has_met_can_be_forgotten()
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = _kafka.BootstrapServers, Acks = Acks.All }).Build();
        _kafka.FailRequests(KafkaRequest.Produce, ErrorCode.MsgSizeTooLarge);

        _kafka.ClearFailures(KafkaRequest.Produce);

        Assert.Equal(PersistenceStatus.Persisted, (await ProduceAsync(producer)).Status);
    }

    [Fact]
    public async Task A_delayed_broker_answers_no_sooner()
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = _kafka.BootstrapServers, Acks = Acks.All }).Build();
        await ProduceAsync(producer);
        var delay = TimeSpan.FromMilliseconds(200);
        _kafka.SetRoundTripTime(delay);
        var started = TimeProvider.System.GetTimestamp();

        await ProduceAsync(producer);

        Assert.True(TimeProvider.System.GetElapsedTime(started) >= delay);
    }

    [Fact]
    public async Task Partitions_follow_their_leader()
    {
        _kafka.SetLeader("led", 0, broker: 3);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _kafka.BootstrapServers }).Build();

        var topic = await Task.Run(() => admin.GetMetadata("led", Patience).Topics.Single(), Cancellation);

        Assert.Equal(3, topic.Partitions[0].Leader);
        Assert.Throws<KafkaException>(() => _kafka.SetLeader("led", 0, broker: 9));
    }

    [Fact]
    public async Task It_refuses_what_makes_no_sense_and_everything_once_disposed_of()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => EmbeddedKafka.Start(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _kafka.CreateTopic("topic", 0));
        Assert.Throws<ArgumentException>(() => _kafka.CreateTopic("", 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _kafka.SetRoundTripTime(TimeSpan.FromSeconds(-1)));
        Assert.Throws<KafkaException>(() => _kafka.StopBroker(9));

        await _kafka.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => _kafka.CreateTopic("topic", 1));
    }

    private Task<DeliveryResult<Null, byte[]>> ProduceAsync(IProducer<Null, byte[]> producer) =>
        producer.ProduceAsync(new TopicPartition("faults", 0), new Message<Null, byte[]> { Value = [1] }, Cancellation);

    private IConsumer<string, byte[]> Consume(string topic)
    {
        var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = _kafka.BootstrapServers,
            GroupId = "testing",
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();
        consumer.Subscribe(topic);
        return consumer;
    }

    private async Task<IHost> StartHostAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddKafkaEventSourcing(kafka => (kafka.BootstrapServers, kafka.Profile) = (_kafka.BootstrapServers, KafkaProfile.Development))
            .AddKafkaEventReader(reader => reader.InMemory = true)
            .AddEventType<Opened>()
            .AddEventType<Charged>()
            .AddStreams("account", topic: "accounts")
            .AddRoute<Charged>("charges", charged => "one key");
        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;
    }

    [EventType("embedded-opened")]
    private sealed record Opened(string Owner);

    [EventType("embedded-charged")]
    private sealed record Charged(int Amount);
}
