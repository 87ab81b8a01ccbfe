using System.Diagnostics;
using Messaging.Patterns.Benchmarks.Harness;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>The start of a process at a log with 10 million events of a million streams: without anything of its own, and with what it kept.</summary>
internal sealed class RestoreLargeBenchmark : IBenchmark
{
    public const string ChildName = "restore-large";

    private const int Streams = 1_000_000;
    private const int Events = Streams * FilledLog.EventsPerStream;
    private const string Writer = "writer";
    private const string Reader = "reader";

    public string Name => "restore-large";

    public string Summary => "a start with 10 million events and a million streams, from scratch and from its own files";

    public bool IsNamedOnly => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        var log = await FilledLog.CreateAsync(run, streams: Streams);
        var folder = Directory.CreateTempSubdirectory("restore-large-").FullName;

        try
        {
            foreach (var role in new[] { Writer, Reader })
            {
                await StartAsync(run, log, role, folder, $"restore-large-{role}", Events);
                await StartAsync(run, log, role, folder, $"restore-large-{role}-checkpoint", Streams);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static async Task RunChildAsync(BenchmarkRun run, string role, string topic, string folder)
    {
        var started = Stopwatch.GetTimestamp();
        using var host = await StoreHost.StartAsync(
            run,
            kafka => AddRole(kafka.AddStreams("order", topic), role, folder),
            logging: logging => logging.AddFilter("Messaging.Patterns", LogLevel.Information).AddSimpleConsole(console => console.SingleLine = true));
        await StoreHost.WaitUntilReadableAsync(host, topic);
        ChildProcess.Tell(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        ChildProcess.Tell(ChildProcess.ResidentMegabytes());
        await host.StopAsync();
    }

    private static void AddRole(IMessagingPatternsBuilder kafka, string role, string folder)
    {
        if (role == Writer)
        {
            kafka.AddKafkaEventWriter(writer => writer.CheckpointPath = Path.Combine(folder, "versions"));
        }
        else
        {
            kafka.AddKafkaEventReader(reader => reader.StorePath = Path.Combine(folder, "store.db"));
        }
    }

    private static async Task StartAsync(BenchmarkRun run, FilledLog log, string role, string folder, string name, int items)
    {
        if (await ChildProcess.StartAsync(ChildName, role, run.BootstrapServers, log.Topic, folder) is not [var milliseconds, var resident])
        {
            throw new InvalidOperationException("The child process told other numbers.");
        }

        Console.WriteLine(FormattableString.Invariant($"  {name}: {milliseconds:N0} ms, {resident:N0} MiB resident"));
        run.Figure($"{name}/p50-ms", milliseconds, "ms");
        run.Figure($"{name}/events-per-second", items / (milliseconds / 1000), items == Streams ? "streams/s" : "events/s");
        run.Figure($"{name}/rss-mb", resident, "MiB");
    }
}
