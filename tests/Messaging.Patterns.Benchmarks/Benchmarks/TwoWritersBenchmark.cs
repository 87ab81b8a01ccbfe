using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Baselines;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>Two writers of the same topic, each a store of its own with its own producer and tail, on different streams.</summary>
internal sealed class TwoWritersBenchmark : IBenchmark
{
    private const int PerSecond = 200;
    private const int Calls = 1_000;
    private const int Streams = 100;
    private const int Rounds = 5;

    public string Name => "append-latency-two-writers";

    public string Summary => "two writers at 200 appends per second each, on different streams, against two raw producers paced alike";

    public async Task RunAsync(BenchmarkRun run)
    {
        var topic = KafkaTopics.UniqueName("two-writers");
        using var one = await StoreHost.StartAsync(run, kafka => kafka.AddKafkaEventWriter().AddStreams("order", topic));
        using var other = await StoreHost.StartAsync(run, kafka => kafka.AddKafkaEventWriter().AddStreams("order", topic));
        using var oneProducer = RawProducer.Create(run);
        using var otherProducer = RawProducer.Create(run);
        var rawTopic = await RawTopic.CreateAsync(run);
        var events = OrderPlaced.CreateMany(Streams);

        Func<Task<Latencies>> append = () =>
            BothAsync(latencies => AppendAsync(latencies, one.Services, "a", events), latencies => AppendAsync(latencies, other.Services, "b", events));
        Func<Task<Latencies>> produce = () => BothAsync(
            latencies => ProduceAsync(latencies, oneProducer, rawTopic, "a", events), latencies => ProduceAsync(latencies, otherProducer, rawTopic, "b", events));

        run.Compare(Name, await Rounds<Latencies>.RunAsync(Rounds, append, produce));

        // What of the difference is the price of following the topic at all, which a raw producer does not pay.
        using var oneTail = new RawTail(run, rawTopic);
        using var otherTail = new RawTail(run, rawTopic);
        run.Compare(Name + "-followed", await Rounds<Latencies>.RunAsync(Rounds, append, produce));
        await Task.WhenAll(one.StopAsync(), other.StopAsync());
    }

    private static async Task<Latencies> BothAsync(Func<Latencies, Task> one, Func<Latencies, Task> other)
    {
        var latencies = new Latencies();
        await Task.WhenAll(one(latencies), other(latencies));
        return latencies;
    }

    private static Task AppendAsync(Latencies latencies, IServiceProvider services, string prefix, OrderPlaced[] events)
    {
        var writer = services.GetRequiredService<IEventWriter>();
        return Pace.RunAsync(PerSecond, Calls, latencies, call =>
            writer.AppendAsync(new StreamId("order", $"{prefix}{call % Streams:D6}"), ExpectedVersion.Any, [new EventData(events[call % Streams])]).AsTask());
    }

    private static async Task ProduceAsync(Latencies latencies, IProducer<byte[], byte[]> producer, string topic, string prefix, OrderPlaced[] events)
    {
        using var json = new RawCloudEvents();
        await Pace.RunAsync(PerSecond, Calls, latencies, call =>
        {
            var id = $"{prefix}{call % Streams:D6}";
            return producer.ProduceAsync(topic, new Message<byte[], byte[]>
            {
                Key = Encoding.UTF8.GetBytes("order-" + id),
                Value = json.Frame(id, (call / Streams) + 1, call, RawTopic.Partitions, events[call % Streams]),
            });
        });
    }
}
