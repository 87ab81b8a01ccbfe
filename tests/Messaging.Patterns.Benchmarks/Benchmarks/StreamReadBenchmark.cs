using System.Diagnostics;
using Messaging.Patterns.Benchmarks.Baselines;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>Reads of one stream of 10 events, raw, from a file with 100,000 such streams.</summary>
internal sealed class StreamReadBenchmark(LogLayout layout) : IBenchmark
{
    private const int Reads = 30_000;
    private const int Rounds = 5;

    public string Name => layout == LogLayout.Binary ? "stream-read-binary" : "stream-read";

    public string Summary => $"ReadStreamAsync of 10 raw events from SQLite, layout {layout}, against the same SELECT by hand, each frame parsed";

    public async Task RunAsync(BenchmarkRun run)
    {
        var log = await FilledLog.CreateAsync(run, layout);
        var folder = Directory.CreateTempSubdirectory("stream-read-").FullName;
        var path = Path.Combine(folder, "ours.db");

        try
        {
            using var host = await log.RestoreAsync(run, path);
            using var raw = new RawStreamRead(path);
            var reader = host.Services.GetRequiredService<IEventReader>();
            var rounds = await Rounds<Latencies>.RunAsync(Rounds, () => ReadAsync(reader), () => Task.FromResult(Read(raw)));
            run.Compare(Name, rounds);
            await host.StopAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Latencies> ReadAsync(IEventReader reader)
    {
        var latencies = new Latencies();
        var raw = new StreamReadOptions { Raw = true };

        for (var read = 0; read < Reads; read++)
        {
            var stream = new StreamId("order", $"{Random.Shared.Next(FilledLog.Streams):D6}");
            var started = Stopwatch.GetTimestamp();
            var events = 0;

            await foreach (var recorded in reader.ReadStreamAsync(stream, raw))
            {
                events++;
            }

            latencies.AddSince(started);
            Check(events);
        }

        return latencies;
    }

    private static Latencies Read(RawStreamRead raw)
    {
        var latencies = new Latencies();

        for (var read = 0; read < Reads; read++)
        {
            var stream = $"order-{Random.Shared.Next(FilledLog.Streams):D6}";
            var started = Stopwatch.GetTimestamp();
            var events = raw.Read(stream);
            latencies.AddSince(started);
            Check(events);
        }

        return latencies;
    }

    private static void Check(int events)
    {
        if (events != FilledLog.EventsPerStream)
        {
            throw new InvalidOperationException($"A stream has {events} events instead of {FilledLog.EventsPerStream}.");
        }
    }
}
