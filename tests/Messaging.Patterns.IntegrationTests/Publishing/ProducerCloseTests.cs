using Confluent.Kafka;
using Messaging.Patterns.IntegrationTests.EventSourcing;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.IntegrationTests.Publishing;

/// <summary>The producer is closed while records are handed to it.</summary>
public sealed class ProducerCloseTests(OneNodeKafka kafka)
{
    private const int Threads = 4;
    private const int Records = 2_000;

    [Fact]
    public async Task Every_record_is_reported_once_when_the_producer_is_closed_under_its_callers()
    {
        var bootstrapServers = await kafka.GetAsync();
        var topic = await KafkaTopics.CreateAsync(bootstrapServers, "closed", 1);

        for (var round = 0; round < 10; round++)
        {
            await using var instance = await StoreInstance.StartAsync(new StoreSetup(bootstrapServers, "unused") { Writes = false, Reads = false, More = patterns => patterns.AddKafkaPublisher() });
            var producer = instance.Get<KafkaProducer>();
            var sinks = Enumerable.Range(0, Threads * Records).Select(_ => new Counted()).ToArray();
            var sending = Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
            {
                for (var number = 0; number < Records; number++)
                {
                    producer.Send(new TopicPartition(topic, 0), new Message<byte[], byte[]> { Value = new byte[100] }, sinks[(thread * Records) + number]);
                }
            })).ToList();

            await sinks[round * 100].Reported;
            await producer.DisposeAsync();
            await Task.WhenAll(sending);

            Assert.All(sinks, sink => Assert.Equal(1, sink.Reports));
        }
    }

    [Fact]
    public async Task A_producer_that_is_closed_before_its_first_record_refuses_it_and_makes_no_client()
    {
        await using var instance = await StoreInstance.StartAsync(
            new StoreSetup(await kafka.GetAsync(), "unused") { Writes = false, Reads = false, More = patterns => patterns.AddKafkaPublisher() });
        var producer = ActivatorUtilities.CreateInstance<KafkaProducer>(instance.Get<IServiceProvider>());
        await producer.DisposeAsync();
        var sink = new Counted();

        producer.Open();
        producer.Send(new TopicPartition("any", 0), new Message<byte[], byte[]> { Value = [] }, sink);

        Assert.Equal(1, sink.Reports);
        Assert.Null(producer.Producer);
    }

    private sealed class Counted : DeliverySink
    {
        private readonly TaskCompletionSource _reported = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _reports;

        public int Reports => Volatile.Read(ref _reports);

        public Task Reported => _reported.Task;

        public override void Delivered(DeliveryReport<byte[], byte[]> report)
        {
            Interlocked.Increment(ref _reports);
            _reported.TrySetResult();
        }
    }
}
