using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Baselines;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>Appends of one event, round-robin over 10,000 streams, pipelined: two for each stream under way at any time.</summary>
/// <param name="layout">The layout of the frames.</param>
/// <param name="isReader">Whether the process also keeps what it appends in SQLite, to read from; a round ends when all of it can be read.</param>
internal sealed class AppendBenchmark(LogLayout layout, bool isReader = false) : IBenchmark
{
    private const int Streams = 10_000;
    private const int Passes = 20;
    private const int Rounds = 7;

    public string Name => isReader ? "append-sqlite" : layout == LogLayout.Binary ? "append-binary" : "append";

    public string Summary =>
        $"AppendAsync of a process that {(isReader ? "also keeps what it appends in SQLite" : "only writes")}, layout {layout}, against Produce with a delivery handler of the same frames, serialised in its loop";

    public async Task RunAsync(BenchmarkRun run)
    {
        var folder = Directory.CreateTempSubdirectory("append-").FullName;

        try
        {
            await RunAsync(run, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task RunAsync(BenchmarkRun run, string folder)
    {
        var topic = KafkaTopics.UniqueName("append");
        using var host = await StoreHost.StartAsync(run, kafka => Register(kafka.AddKafkaEventWriter(writer => writer.Layout = layout).AddStreams("order", topic), folder));
        using var producer = RawProducer.Create(run);
        var rawTopic = await RawTopic.CreateAsync(run);
        var writer = host.Services.GetRequiredService<IEventWriter>();
        var events = OrderPlaced.CreateMany(Streams);
        var version = 0;

        var rounds = await Rounds<Sample>.RunAsync(
            Rounds,
            () => Sample.MeasureAsync(Streams * Passes, () => AppendAsync(host, writer, topic, events)),
            () => Sample.MeasureAsync(Streams * Passes, () => ProduceAsync(producer, rawTopic, version += Passes, events)));
        run.Compare(Name == "append" ? "append-cloudevents" : Name, rounds);
        await host.StopAsync();
    }

    private void Register(IMessagingPatternsBuilder kafka, string folder)
    {
        if (isReader)
        {
            kafka.AddKafkaEventReader(reader => reader.StorePath = Path.Combine(folder, "store.db"));
        }
    }

    private static async Task AppendAsync(IHost host, IEventWriter writer, string topic, OrderPlaced[] events)
    {
        var streams = Enumerable.Range(0, Streams).Select(number => new StreamId("order", $"{number:D6}")).ToArray();
        var (sent, before) = (new Pending<AppendResult>(Streams), new Pending<AppendResult>(Streams));

        for (var pass = 0; pass < Passes; pass++)
        {
            for (var number = 0; number < Streams; number++)
            {
                sent.Add(writer.AppendAsync(streams[number], ExpectedVersion.Any, [new EventData(events[number])]));
            }

            await before.WaitAsync();
            (before, sent) = (sent, before);
        }

        await before.WaitAsync();
        await StoreHost.WaitUntilReadableAsync(host, topic);
    }

    private async Task ProduceAsync(IProducer<byte[], byte[]> producer, string topic, int version, OrderPlaced[] events)
    {
        using var frames = RawFrames.Create(layout);
        var before = Task.CompletedTask;

        for (var pass = 0; pass < Passes; pass++)
        {
            var countdown = new Countdown(Streams);
            Action<DeliveryReport<byte[], byte[]>> delivered = countdown.Delivered;

            for (var number = 0; number < Streams; number++)
            {
                var id = $"{number:D6}";
                producer.Produce(topic, new Message<byte[], byte[]>
                {
                    Key = Encoding.UTF8.GetBytes("order-" + id),
                    Value = frames.Frame(id, version + pass, version * Streams / RawTopic.Partitions, RawTopic.Partitions, events[number]),
                }, delivered);
            }

            await before;
            before = countdown.Done;
        }

        await before;
    }
}
