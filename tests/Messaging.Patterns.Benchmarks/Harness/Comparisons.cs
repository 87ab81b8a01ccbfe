namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>The figures that every comparison of one kind ends with.</summary>
internal static class Comparisons
{
    public static void Compare(this BenchmarkRun run, string name, Rounds<Sample> rounds)
    {
        run.Figure($"{name}/ratio", rounds.Ratio(sample => sample.PerSecond), "x");
        run.Figure($"{name}/events-per-second", rounds.Ours.Median(sample => sample.PerSecond), "events/s");
        run.Figure($"{name}-baseline/events-per-second", rounds.Baseline.Median(sample => sample.PerSecond), "events/s");
        run.Figure($"{name}/cpu-us-per-event", rounds.Ours.Median(sample => sample.CpuMicroseconds), "us");
        run.Figure($"{name}-baseline/cpu-us-per-event", rounds.Baseline.Median(sample => sample.CpuMicroseconds), "us");
    }

    public static void Compare(this BenchmarkRun run, string name, Rounds<Latencies> rounds)
    {
        run.Figure($"{name}/p50-ratio", rounds.Ratio(latencies => latencies.P50), "x");
        run.Figure($"{name}/p50-us", rounds.Ours.Median(latencies => latencies.P50), "us");
        run.Figure($"{name}-baseline/p50-us", rounds.Baseline.Median(latencies => latencies.P50), "us");
        run.Figure($"{name}/p99-ms", rounds.Ours.Median(latencies => latencies.P99) / 1000, "ms");
        run.Figure($"{name}-baseline/p99-ms", rounds.Baseline.Median(latencies => latencies.P99) / 1000, "ms");
    }
}
