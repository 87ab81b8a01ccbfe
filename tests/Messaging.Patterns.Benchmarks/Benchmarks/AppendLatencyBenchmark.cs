using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Baselines;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>One writer that awaits each append before the next.</summary>
internal sealed class AppendLatencyBenchmark : IBenchmark
{
    private const int Streams = 1_000;
    private const int Calls = 3_000;
    private const int Rounds = 7;

    public string Name => "append-latency";

    public string Summary => "an awaited AppendAsync against an awaited ProduceAsync of the same frame, one at a time";

    public async Task RunAsync(BenchmarkRun run)
    {
        var topic = KafkaTopics.UniqueName("latency");
        using var host = await StoreHost.StartAsync(run, kafka => kafka.AddKafkaEventWriter().AddStreams("order", topic));
        using var producer = RawProducer.Create(run);
        var rawTopic = await RawTopic.CreateAsync(run);
        var writer = host.Services.GetRequiredService<IEventWriter>();
        var events = OrderPlaced.CreateMany(Streams);

        var rounds = await Rounds<Latencies>.RunAsync(Rounds, () => AppendAsync(writer, events), () => ProduceAsync(producer, rawTopic, events));
        run.Compare(Name, rounds);
        await host.StopAsync();
    }

    private static async Task<Latencies> AppendAsync(IEventWriter writer, OrderPlaced[] events)
    {
        var latencies = new Latencies();

        for (var call = 0; call < Calls; call++)
        {
            var stream = new StreamId("order", $"{call % Streams:D6}");
            var started = Stopwatch.GetTimestamp();
            await writer.AppendAsync(stream, ExpectedVersion.Any, [new EventData(events[call % Streams])]);
            latencies.AddSince(started);
        }

        return latencies;
    }

    private static async Task<Latencies> ProduceAsync(IProducer<byte[], byte[]> producer, string topic, OrderPlaced[] events)
    {
        using var json = new RawCloudEvents();
        var latencies = new Latencies();

        for (var call = 0; call < Calls; call++)
        {
            var id = $"{call % Streams:D6}";
            var started = Stopwatch.GetTimestamp();
            await producer.ProduceAsync(topic, new Message<byte[], byte[]>
            {
                Key = Encoding.UTF8.GetBytes("order-" + id),
                Value = json.Frame(id, (call / Streams) + 1, call, RawTopic.Partitions, events[call % Streams]),
            });
            latencies.AddSince(started);
        }

        return latencies;
    }
}
