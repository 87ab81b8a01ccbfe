using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Baselines;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>Publishing, pipelined: two batches of 10,000 under way at any time, on both sides.</summary>
internal sealed class PublishBenchmark : IBenchmark
{
    private const int Batch = 10_000;
    private const int Batches = 30;
    private const int Rounds = 7;

    public string Name => "publish";

    public string Summary => "PublishAsync against Produce with a delivery handler, both writing CloudEvents with one header";

    public async Task RunAsync(BenchmarkRun run)
    {
        var topic = await KafkaTopics.CreateAsync(run.BootstrapServers, "publish", 12);
        using var host = await StoreHost.StartAsync(run, kafka => kafka.AddKafkaPublisher().AddRoute<OrderPlaced>(topic, placed => placed.Customer));
        using var producer = RawProducer.Create(run);
        var publisher = host.Services.GetRequiredService<IEventPublisher>();
        var events = OrderPlaced.CreateMany(Batch);

        var rounds = await Rounds<Sample>.RunAsync(
            Rounds,
            () => Sample.MeasureAsync(Batch * Batches, () => PublishAsync(publisher, events)),
            () => Sample.MeasureAsync(Batch * Batches, () => ProduceAsync(producer, topic, events)));
        run.Compare("publish", rounds);
        await host.StopAsync();
    }

    private static async Task PublishAsync(IEventPublisher publisher, OrderPlaced[] events)
    {
        var (sent, before) = (new Pending<Position>(Batch), new Pending<Position>(Batch));

        for (var batch = 0; batch < Batches; batch++)
        {
            foreach (var placed in events)
            {
                sent.Add(publisher.PublishAsync(new EventData(placed)));
            }

            await before.WaitAsync();
            (before, sent) = (sent, before);
        }

        await before.WaitAsync();
    }

    private static async Task ProduceAsync(IProducer<byte[], byte[]> producer, string topic, OrderPlaced[] events)
    {
        using var json = new RawCloudEvents();
        var contentType = "application/cloudevents+json; charset=UTF-8"u8.ToArray();
        var before = Task.CompletedTask;

        for (var batch = 0; batch < Batches; batch++)
        {
            var countdown = new Countdown(Batch);
            Action<DeliveryReport<byte[], byte[]>> delivered = countdown.Delivered;

            foreach (var placed in events)
            {
                producer.Produce(topic, new Message<byte[], byte[]>
                {
                    Key = Encoding.UTF8.GetBytes(placed.Customer),
                    Value = json.Publish(placed),
                    Headers = new Headers { { "content-type", contentType } },
                }, delivered);
            }

            await before;
            before = countdown.Done;
        }

        await before;
    }
}
