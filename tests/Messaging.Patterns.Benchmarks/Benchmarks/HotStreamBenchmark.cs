using System.Diagnostics;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>Two writers that append to one stream all the time, each a store of its own; the second one near the broker, and then behind a slow network.</summary>
internal sealed class HotStreamBenchmark : IBenchmark
{
    private const int Rounds = 3;
    private static readonly TimeSpan RoundLasts = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly int[] RoundTrips = [0, 5, 20];

    public string Name => "hot-stream";

    public string Summary => "two writers on one stream, each with one append at a time, against one alone; one of them 0, 5 and 20 ms from the broker";

    public async Task RunAsync(BenchmarkRun run)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KAFKA_HOME")))
        {
            Console.WriteLine("  left out: a broker that advertises a slow network's address is started from KAFKA_HOME only");
            return;
        }

        // A node of its own, which can be reached through a proxy.
        await using var cluster = await KafkaCluster.StartAsync(1, zones: 1);
        var near = new BenchmarkRun(cluster.BootstrapServers);
        await WarmUp.RunAsync(near);

        var topic = KafkaTopics.UniqueName("hot-stream");
        using var one = await StartAsync(near, topic);
        using var other = await StartAsync(new BenchmarkRun(cluster.BootstrapServersOf(0)), topic);

        foreach (var milliseconds in RoundTrips)
        {
            cluster.ProxyOf(zone: 0, id: 1).Trouble = new NetworkTrouble { Latency = TimeSpan.FromMilliseconds(milliseconds / 2.0) };
            await CompareAsync(run, milliseconds == 0 ? Name : $"{Name}-{milliseconds}ms", one, other);
        }

        cluster.ProxyOf(zone: 0, id: 1).Trouble = NetworkTrouble.None;
        await Task.WhenAll(one.StopAsync(), other.StopAsync());
    }

    private static Task<IHost> StartAsync(BenchmarkRun run, string topic) =>
        StoreHost.StartAsync(run, kafka => kafka.AddKafkaEventWriter().AddStreams("order", topic, order => order.Partitions = 1));

    private static async Task CompareAsync(BenchmarkRun run, string name, IHost one, IHost other)
    {
        var rounds = await Rounds<HotStreamSample>.RunAsync(Rounds, () => MeasureAsync(one, other), () => MeasureAsync(one));

        run.Figure($"{name}/ratio", rounds.Ratio(sample => sample.PerSecond), "x");
        run.Figure($"{name}/events-per-second", rounds.Ours.Median(sample => sample.PerSecond), "events/s");
        run.Figure($"{name}-baseline/events-per-second", rounds.Baseline.Median(sample => sample.PerSecond), "events/s");
        run.Figure($"{name}/share", rounds.Ours.Median(sample => sample.LastShare), "x");
        run.Figure($"{name}/worst-ms", rounds.Ours.Max(sample => sample.WorstMs), "ms");
    }

    private static async Task<HotStreamSample> MeasureAsync(params IHost[] writers)
    {
        // A stream of its own for each round; the last writer's share and the longest wait are told.
        var stream = new StreamId("order", $"{Guid.NewGuid():N}");
        var loops = await Task.WhenAll(writers.Select(writer => AppendAsync(writer.Services.GetRequiredService<IEventWriter>(), stream)));
        return new HotStreamSample(loops.Sum(loop => loop.Count) / RoundLasts.TotalSeconds, (double)loops[^1].Count / loops.Sum(loop => loop.Count), loops.Max(loop => loop.Worst.TotalMilliseconds));
    }

    private static Task<(int Count, TimeSpan Worst)> AppendAsync(IEventWriter writer, StreamId stream) => Task.Run(async () =>
    {
        var events = OrderPlaced.CreateMany(100);
        var (count, worst) = (0, TimeSpan.Zero);

        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < RoundLasts;)
        {
            var started = Stopwatch.GetTimestamp();

            try
            {
                await writer.AppendAsync(stream, ExpectedVersion.Any, [new EventData(events[count % events.Length])], new AppendOptions { Timeout = Patience });
                count++;
            }
            catch (MessagingException exception) when (exception.IsTransient)
            {
                // It did not get its turn in time: nothing done, and a wait that counts.
            }

            worst = Stopwatch.GetElapsedTime(started) > worst ? Stopwatch.GetElapsedTime(started) : worst;
        }

        return (count, worst);
    });
}
