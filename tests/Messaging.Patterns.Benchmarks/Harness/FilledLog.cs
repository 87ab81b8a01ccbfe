using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.Benchmarks.Baselines;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Log;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>An event topic with many events, as a rule a million: 100,000 streams of 10, interleaved as they would be by a year of work.</summary>
internal sealed class FilledLog
{
    public const int Streams = 100_000;
    public const int EventsPerStream = 10;
    public const int Events = Streams * EventsPerStream;

    private const int Batch = 20_000;

    private FilledLog(string topic, int streams) => (Topic, StreamCount) = (topic, streams);

    public int StreamCount { get; }

    public string Topic { get; }

    public static async Task<FilledLog> CreateAsync(BenchmarkRun run, LogLayout layout = LogLayout.CloudEvents, int streams = Streams)
    {
        var log = new FilledLog(KafkaTopics.UniqueName("filled"), streams);
        using var host = await StoreHost.StartAsync(run, kafka => kafka.AddKafkaEventWriter().AddStreams("order", log.Topic));
        await host.Services.GetRequiredService<EventLog>().TopicAsync(log.Topic, CancellationToken.None);
        await host.StopAsync();
        await log.FillAsync(run, layout);
        return log;
    }

    /// <summary>Starts a process that reads the log from its begin, and returns when a million events are committed to its file.</summary>
    public async Task<IHost> RestoreAsync(BenchmarkRun run, string path)
    {
        var host = await StoreHost.StartAsync(run, kafka => kafka.AddKafkaEventReader(reader => reader.StorePath = path).AddStreams("order", Topic));
        await StoreHost.WaitUntilReadableAsync(host, Topic);
        return host;
    }

    private async Task FillAsync(BenchmarkRun run, LogLayout layout)
    {
        using var producer = RawProducer.Create(run);
        using var frames = RawFrames.Create(layout);
        var events = OrderPlaced.CreateMany(1_000);
        var before = Task.CompletedTask;

        for (var first = 0; first < StreamCount * EventsPerStream; first += Batch)
        {
            var countdown = new Countdown(Batch);
            Action<DeliveryReport<byte[], byte[]>> delivered = countdown.Delivered;

            for (var number = first; number < first + Batch; number++)
            {
                var id = $"{number % StreamCount:D6}";
                var frame = frames.Frame(id, (number / StreamCount) + 1, 0, RawTopic.Partitions, events[number % 1_000]);
                producer.Produce(Topic, new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes("order-" + id), Value = frame }, delivered);
            }

            await before;
            before = countdown.Done;
        }

        await before;
    }
}
