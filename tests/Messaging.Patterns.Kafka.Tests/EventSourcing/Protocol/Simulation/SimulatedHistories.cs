using System.Collections.Concurrent;
using System.Globalization;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>
/// Histories played once for all tests of a class. <c>SIMULATION_SEEDS</c> sets their number, <c>SIMULATION_SEED</c> plays a single one and prints it.
/// </summary>
public sealed class SimulatedHistories
{
    private const int DefaultCount = 200_000;
    private readonly ConcurrentDictionary<Invariant, (long Seed, string Text)> _violations = [];
    private readonly ConcurrentDictionary<Happening, long> _totals = [];

    public SimulatedHistories()
    {
        if (Environment.GetEnvironmentVariable("SIMULATION_SEED") is { Length: > 0 } seed)
        {
            IsReplay = true;
            Play(long.Parse(seed, CultureInfo.InvariantCulture));
            return;
        }

        var count = Environment.GetEnvironmentVariable("SIMULATION_SEEDS") is { Length: > 0 } seeds
            ? int.Parse(seeds, CultureInfo.InvariantCulture)
            : DefaultCount;
        Parallel.ForEach(Partitioner.Create(0L, count, 1_000), range =>
        {
            for (var next = range.Item1; next < range.Item2; next++)
            {
                Play(next);
            }
        });
    }

    /// <summary>Gets whether a single history is replayed.</summary>
    internal bool IsReplay { get; }

    /// <summary>Gets how often things happened in all histories.</summary>
    internal IReadOnlyDictionary<Happening, long> Totals => _totals;

    /// <summary>Fails with the smallest violating seed found and its history.</summary>
    internal void AssertHolds(Invariant invariant)
    {
        if (_violations.TryGetValue(invariant, out var violation))
        {
            var replay = PartitionSimulation.Run(violation.Seed, isTraced: true);
            Assert.Fail($"Seed {violation.Seed} (replay with SIMULATION_SEED={violation.Seed}): {violation.Text}\n{string.Join('\n', replay.Trace)}");
        }
    }

    private void Play(long seed)
    {
        var history = PartitionSimulation.Run(seed);

        foreach (var violation in history.Violations)
        {
            _violations.AddOrUpdate(violation.Invariant, (seed, violation.Text), (_, known) => known.Seed <= seed ? known : (seed, violation.Text));
        }

        foreach (var (happening, times) in history.Happenings)
        {
            _totals.AddOrUpdate(happening, times, (_, known) => known + times);
        }
    }
}
