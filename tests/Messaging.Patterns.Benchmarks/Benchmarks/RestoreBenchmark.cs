using Messaging.Patterns.Benchmarks.Baselines;
using Messaging.Patterns.Benchmarks.Harness;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>The start of a process that reads, without anything of its own: a million events from Kafka into its SQLite file.</summary>
internal sealed class RestoreBenchmark : IBenchmark
{
    private const int Rounds = 3;

    public string Name => "restore";

    public string Summary => "a reader's start from scratch, a million events into SQLite, against a Consume loop that inserts the same rows without parsing";

    public async Task RunAsync(BenchmarkRun run)
    {
        var log = await FilledLog.CreateAsync(run);
        var folder = Directory.CreateTempSubdirectory("restore-").FullName;

        try
        {
            var round = 0;
            var rounds = await Rounds<Sample>.RunAsync(
                Rounds,
                () => Sample.MeasureAsync(FilledLog.Events, () => RestoreAsync(run, log, Path.Combine(folder, $"ours-{round++}.db"))),
                () => Sample.MeasureAsync(FilledLog.Events, () => Task.Run(() => RawIngest.Run(run, log.Topic, Path.Combine(folder, $"baseline-{round++}.db")))));
            run.Compare("ingest", rounds);
            run.Figure("restore/p50-ms", rounds.Ours.Median(sample => sample.Elapsed.TotalMilliseconds), "ms");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RestoreAsync(BenchmarkRun run, FilledLog log, string path)
    {
        using var host = await log.RestoreAsync(run, path);
        await host.StopAsync();
    }
}
