using System.Collections.Concurrent;
using System.Globalization;
using Messaging.Patterns.Tests.Outbox.Simulation;

namespace Messaging.Patterns.Tests.Outbox;

/// <summary>The invariants of the relay, each over the same simulated histories. <c>SIMULATION_SEED</c> plays a single one and prints it, <c>SIMULATION_SEEDS</c> sets ten times their number.</summary>
public sealed class RelaySimulationTests(RelaySimulationTests.Histories histories) : IClassFixture<RelaySimulationTests.Histories>
{
    [Fact]
    public void First_occurrences_of_a_key_are_in_the_order_of_its_lock() => histories.AssertHolds(RelayInvariant.OrderOfKeys);

    [Fact]
    public void Whatever_was_committed_is_in_the_log_in_the_end() => histories.AssertHolds(RelayInvariant.NothingLost);

    [Fact]
    public void Nothing_is_deleted_that_is_not_in_the_log() => histories.AssertHolds(RelayInvariant.DeletedAfterStored);

    [Fact]
    public void Nothing_that_was_rolled_back_is_in_the_log() => histories.AssertHolds(RelayInvariant.OnlyCommitted);

    [Fact]
    public void As_long_as_nothing_fails_nothing_is_sent_twice() => histories.AssertHolds(RelayInvariant.NoNeedlessRepeats);

    [Fact]
    public void In_transactions_nothing_is_sent_twice_whatever_fails() => histories.AssertHolds(RelayInvariant.ExactlyOnce);

    [Fact]
    public void No_row_is_read_twice() => histories.AssertHolds(RelayInvariant.ReadOnce);

    [Fact]
    public void What_is_held_in_memory_stays_within_the_limits() => histories.AssertHolds(RelayInvariant.MemoryBound);

    [Fact]
    public void Everything_is_sent_and_deleted_in_the_end() => histories.AssertHolds(RelayInvariant.Progress);

    [Fact]
    public void The_histories_reach_every_kind_of_happening()
    {
        Assert.SkipWhen(histories.IsReplay, "A single history need not reach everything.");
        Assert.All(Enum.GetValues<RelayHappening>(), happening => Assert.True(histories.Totals.GetValueOrDefault(happening) > 0, $"{happening} never happened."));
    }

    /// <summary>Histories played once for all tests of the class.</summary>
    public sealed class Histories
    {
        private const int DefaultCount = 5_000;

        private readonly ConcurrentDictionary<RelayInvariant, (long Seed, string Text)> _violations = [];
        private readonly ConcurrentDictionary<RelayHappening, int> _totals = [];

        public Histories()
        {
            if (Environment.GetEnvironmentVariable("SIMULATION_SEED") is { Length: > 0 } seed)
            {
                IsReplay = true;
                Play(long.Parse(seed, CultureInfo.InvariantCulture));
                return;
            }

            var count = Environment.GetEnvironmentVariable("SIMULATION_SEEDS") is { Length: > 0 } seeds ? Math.Max(1_000, int.Parse(seeds, CultureInfo.InvariantCulture) / 10) : DefaultCount;
            Parallel.For(0L, count, Play);
        }

        internal bool IsReplay { get; }

        internal IReadOnlyDictionary<RelayHappening, int> Totals => _totals;

        /// <summary>Fails with the smallest violating seed found and its history.</summary>
        internal void AssertHolds(RelayInvariant invariant)
        {
            if (_violations.TryGetValue(invariant, out var violation))
            {
                var replay = RelaySimulation.Run(violation.Seed, isTraced: true);
                Assert.Fail($"Seed {violation.Seed} (replay with SIMULATION_SEED={violation.Seed}): {violation.Text}\n{string.Join('\n', replay.Trace)}");
            }
        }

        private void Play(long seed)
        {
            var history = RelaySimulation.Run(seed);

            foreach (var (invariant, text) in history.Violations)
            {
                _violations.AddOrUpdate(invariant, (seed, text), (_, known) => known.Seed <= seed ? known : (seed, text));
            }

            foreach (var (happening, count) in history.Happenings)
            {
                _totals.AddOrUpdate(happening, count, (_, known) => known + count);
            }
        }
    }
}
