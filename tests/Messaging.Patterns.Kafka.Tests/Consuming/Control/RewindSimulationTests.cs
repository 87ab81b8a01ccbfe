using System.Collections.Concurrent;
using System.Globalization;
using Messaging.Patterns.Kafka.Tests.Consuming.Control.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Control;

/// <summary>The invariants of rewinding a group that runs, each over the same simulated histories. <c>SIMULATION_SEED</c> plays a single one, <c>SIMULATION_SEEDS</c> sets ten times their number.</summary>
public sealed class RewindSimulationTests(RewindSimulationTests.Histories histories) : IClassFixture<RewindSimulationTests.Histories>
{
    [Fact]
    public void Everything_from_the_target_on_is_handled_again() => histories.AssertHolds(RewindInvariant.NothingSkipped);

    [Fact]
    public void A_commit_is_never_ahead_of_what_was_handled_since_the_rewind() => histories.AssertHolds(RewindInvariant.CommitNotAhead);

    [Fact]
    public void A_rewind_that_has_begun_never_begins_again() => histories.AssertHolds(RewindInvariant.RewoundOnce);

    [Fact]
    public void A_rewind_is_acknowledged_after_the_position_is_set() => histories.AssertHolds(RewindInvariant.SetBeforeAcknowledged);

    [Fact]
    public void Whoever_comes_late_gives_out_nothing_behind_an_order() => histories.AssertHolds(RewindInvariant.NothingBehindAnOrder);

    [Fact]
    public void Nothing_is_being_handled_while_the_position_is_set() => histories.AssertHolds(RewindInvariant.QuietWhenSet);

    [Fact]
    public void A_projection_takes_every_event_once_in_an_epoch() => histories.AssertHolds(RewindInvariant.ProjectionExact);

    [Fact]
    public void A_partition_that_is_paused_gives_out_nothing() => histories.AssertHolds(RewindInvariant.PauseHolds);

    [Fact]
    public void A_record_that_is_skipped_is_not_given_out() => histories.AssertHolds(RewindInvariant.SkipHolds);

    [Fact]
    public void What_was_never_handled_is_no_replay() => histories.AssertHolds(RewindInvariant.ReplayMarked);

    [Fact]
    public void In_the_end_every_order_is_acknowledged_and_everything_is_handled() => histories.AssertHolds(RewindInvariant.Progress);

    [Fact]
    public void The_histories_reach_every_kind_of_happening()
    {
        Assert.SkipWhen(histories.IsReplay, "A single history need not reach everything.");
        Assert.All(Enum.GetValues<RewindHappening>(), happening => Assert.True(histories.Happenings.ContainsKey(happening), $"{happening} never happened."));
    }

    /// <summary>Histories played once for all tests of the class.</summary>
    public sealed class Histories
    {
        private const int DefaultCount = 20_000;

        private readonly ConcurrentDictionary<RewindInvariant, (long Seed, string Text)> _violations = [];

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

        internal ConcurrentDictionary<RewindHappening, bool> Happenings { get; } = [];

        /// <summary>Fails with the smallest violating seed found and its history.</summary>
        internal void AssertHolds(RewindInvariant invariant)
        {
            if (_violations.TryGetValue(invariant, out var violation))
            {
                Assert.Fail($"Seed {violation.Seed} (replay with SIMULATION_SEED={violation.Seed}): {violation.Text}\n{string.Join('\n', RewindSimulation.Run(violation.Seed, isTraced: true).Trace)}");
            }
        }

        private void Play(long seed)
        {
            var history = RewindSimulation.Run(seed);

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
