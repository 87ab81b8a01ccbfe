using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>
/// Histories played once for all tests of a class, on all cores; none is kept. <c>SIMULATION_SEEDS</c> sets their number, <c>SIMULATION_START</c> the first
/// seed, <c>SIMULATION_SEED</c> plays a single one and prints it.
/// </summary>
public sealed class SimulatedHistories
{
    private const int DefaultCount = 200_000;
    private const int Batch = 1_000;
    private const int ProgressEvery = 500_000;
    private readonly ConcurrentDictionary<Invariant, (long Seed, string Text)> _violations = [];
    private readonly long[] _totals = new long[Enum.GetValues<Happening>().Length];
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private long _played;

    public SimulatedHistories()
    {
        if (Setting("SIMULATION_SEED") is { } seed)
        {
            IsReplay = true;
            Play(seed);
            return;
        }

        var (start, count) = (Setting("SIMULATION_START") ?? 0, Setting("SIMULATION_SEEDS") ?? DefaultCount);
        Parallel.ForEach(Partitioner.Create(start, start + count, Batch), range =>
        {
            for (var next = range.Item1; next < range.Item2; next++)
            {
                Play(next);
            }

            Progress(Interlocked.Add(ref _played, range.Item2 - range.Item1), count);
        });
    }

    /// <summary>Gets whether a single history is replayed.</summary>
    internal bool IsReplay { get; }

    /// <summary>Gets how often something happened in all histories.</summary>
    internal long TotalOf(Happening happening) => _totals[(int)happening];

    /// <summary>Fails with the smallest violating seed found and its history.</summary>
    internal void AssertHolds(Invariant invariant)
    {
        if (_violations.TryGetValue(invariant, out var violation))
        {
            var replay = PartitionSimulation.Run(violation.Seed, isTraced: true);
            Assert.Fail($"Seed {violation.Seed} (replay with SIMULATION_SEED={violation.Seed}): {violation.Text}\n{string.Join('\n', replay.Trace)}");
        }
    }

    private static long? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? long.Parse(value, CultureInfo.InvariantCulture) : null;

    private void Play(long seed)
    {
        var history = PartitionSimulation.Run(seed);

        foreach (var violation in history.Violations)
        {
            _violations.AddOrUpdate(violation.Invariant, (seed, violation.Text), (_, known) => known.Seed <= seed ? known : (seed, violation.Text));
        }

        foreach (var happening in Enum.GetValues<Happening>())
        {
            if (history.Happenings[(int)happening] is > 0 and var times)
            {
                Interlocked.Add(ref _totals[(int)happening], times);
            }
        }
    }

    /// <summary>Tells in a long run how far it is, and of violations as soon as there are some.</summary>
    private void Progress(long played, long count)
    {
        if (played % ProgressEvery < Batch && count > ProgressEvery)
        {
            var found = string.Join(", ", _violations.Select(violation => $"{violation.Key} at seed {violation.Value.Seed}"));
            Console.WriteLine(FormattableString.Invariant(
                $"{played} of {count} histories, {played / _watch.Elapsed.TotalSeconds:F0} a second, violations: {(found.Length > 0 ? found : "none")}"));
        }
    }
}
