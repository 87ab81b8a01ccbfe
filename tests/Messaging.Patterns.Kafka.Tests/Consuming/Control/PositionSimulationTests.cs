using System.Collections.Concurrent;
using System.Globalization;
using Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation.Positions;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control;

/// <summary>The invariants of a group that goes on from a position in its database, each over the same simulated histories. <c>SIMULATION_SEED</c> plays a single one, <c>SIMULATION_SEEDS</c> sets ten times their number.</summary>
public sealed class PositionSimulationTests(PositionSimulationTests.Histories histories) : IClassFixture<PositionSimulationTests.Histories>
{
    [Fact]
    public void Everything_takes_effect_and_from_the_target_of_a_rewind_on_again() => histories.AssertHolds(PositionInvariant.NothingSkipped);

    [Fact]
    public void An_event_takes_effect_once_in_an_epoch() => histories.AssertHolds(PositionInvariant.OnceInAnEpoch);

    [Fact]
    public void Nothing_of_a_former_epoch_commits() => histories.AssertHolds(PositionInvariant.NothingOfAFormerEpoch);

    [Fact]
    public void A_copy_stays_a_copy() => histories.AssertHolds(PositionInvariant.CopiesStayKnown);

    [Fact]
    public void A_position_is_never_ahead_of_what_took_effect() => histories.AssertHolds(PositionInvariant.PositionNotAhead);

    [Fact]
    public void A_partition_stops_only_where_its_database_lost_a_rewind() => histories.AssertHolds(PositionInvariant.StopsOnlyWhenLost);

    [Fact]
    public void Nothing_is_given_out_in_an_epoch_that_the_database_does_not_know() => histories.AssertHolds(PositionInvariant.BegunInAStoredEpoch);

    [Fact]
    public void In_the_end_the_group_has_committed_what_is_stored() => histories.AssertHolds(PositionInvariant.CommitFollows);

    [Fact]
    public void In_the_end_every_order_is_acknowledged_and_everything_is_handled() => histories.AssertHolds(PositionInvariant.Progress);

    [Fact]
    public void The_histories_reach_every_kind_of_happening()
    {
        Assert.SkipWhen(histories.IsReplay, "A single history need not reach everything.");
        Assert.All(Enum.GetValues<PositionHappening>(), happening => Assert.True(histories.Happenings.ContainsKey(happening), $"{happening} never happened."));
    }

    /// <summary>Histories played once for all tests of the class.</summary>
    public sealed class Histories
    {
        private const int DefaultCount = 10_000;

        private readonly ConcurrentDictionary<PositionInvariant, (long Seed, string Text)> _violations = [];

        public Histories()
        {
            if (Environment.GetEnvironmentVariable("SIMULATION_SEED") is { Length: > 0 } seed)
            {
                IsReplay = true;
                Play(long.Parse(seed, CultureInfo.InvariantCulture));
                return;
            }

            var count = Environment.GetEnvironmentVariable("SIMULATION_SEEDS") is { Length: > 0 } seeds ? Math.Max(2_000, int.Parse(seeds, CultureInfo.InvariantCulture) / 10) : DefaultCount;
            Parallel.For(0L, count, Play);
        }

        internal bool IsReplay { get; }

        internal ConcurrentDictionary<PositionHappening, bool> Happenings { get; } = [];

        /// <summary>Fails with the smallest violating seed found and its history.</summary>
        internal void AssertHolds(PositionInvariant invariant)
        {
            if (_violations.TryGetValue(invariant, out var violation))
            {
                Assert.Fail($"Seed {violation.Seed} (replay with SIMULATION_SEED={violation.Seed}): {violation.Text}\n{string.Join('\n', PositionSimulation.Run(violation.Seed, isTraced: true).Trace)}");
            }
        }

        private void Play(long seed)
        {
            var history = PositionSimulation.Run(seed);

            foreach (var (invariant, text) in history.Violations)
            {
                _violations.AddOrUpdate(invariant, (seed, text), (_, known) => known.Seed <= seed ? known : (seed, text));
            }

            foreach (var happening in history.Happenings)
            {
                Happenings[happening] = true;
            }
        }
    }
}
