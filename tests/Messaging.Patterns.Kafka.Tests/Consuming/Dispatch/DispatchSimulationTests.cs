using System.Collections.Concurrent;
using System.Globalization;
using Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Dispatch;

/// <summary>The invariants of dispatching, each over the same simulated histories. <c>SIMULATION_SEED</c> plays a single one and prints it, <c>SIMULATION_SEEDS</c> sets twenty times their number.</summary>
public sealed class DispatchSimulationTests(DispatchSimulationTests.Histories histories) : IClassFixture<DispatchSimulationTests.Histories>
{
    [Fact]
    public void Events_of_a_key_are_handled_one_after_another_in_their_order() => histories.AssertHolds(DispatchInvariant.OrderOfKeys);

    [Fact]
    public void A_commit_is_never_ahead_of_what_is_done() => histories.AssertHolds(DispatchInvariant.CommitNotAhead);

    [Fact]
    public void Only_the_owner_commits() => histories.AssertHolds(DispatchInvariant.OwnerCommits);

    [Fact]
    public void A_partition_that_leaves_gives_nothing_out() => histories.AssertHolds(DispatchInvariant.QuietWhenLeaving);

    [Fact]
    public void What_failed_comes_again_alone_in_its_time_and_only_that_is_set_aside() => histories.AssertHolds(DispatchInvariant.Patience);

    [Fact]
    public void A_key_that_fails_holds_up_no_other_key_that_was_taken() => histories.AssertHolds(DispatchInvariant.OthersGoOn);

    [Fact]
    public void What_is_held_in_memory_stays_within_the_limits() => histories.AssertHolds(DispatchInvariant.MemoryBound);

    [Fact]
    public void No_more_workers_handle_than_may() => histories.AssertHolds(DispatchInvariant.Concurrency);

    [Fact]
    public void No_worker_is_idle_while_there_is_work() => histories.AssertHolds(DispatchInvariant.NoIdleWorker);

    [Fact]
    public void Everything_is_handled_and_committed_in_the_end() => histories.AssertHolds(DispatchInvariant.Progress);

    [Fact]
    public void The_histories_reach_every_kind_of_happening()
    {
        Assert.SkipWhen(histories.IsReplay, "A single history need not reach everything.");
        Assert.All(Enum.GetValues<DispatchHappening>(), happening => Assert.True(histories.Totals.ContainsKey(happening), $"{happening} never happened."));
    }

    /// <summary>Histories played once for all tests of the class.</summary>
    public sealed class Histories
    {
        private const int DefaultCount = 10_000;

        private readonly ConcurrentDictionary<DispatchInvariant, (long Seed, string Text)> _violations = [];
        private readonly ConcurrentDictionary<DispatchHappening, bool> _totals = [];

        public Histories()
        {
            if (Environment.GetEnvironmentVariable("SIMULATION_SEED") is { Length: > 0 } seed)
            {
                IsReplay = true;
                Play(long.Parse(seed, CultureInfo.InvariantCulture));
                return;
            }

            var count = Environment.GetEnvironmentVariable("SIMULATION_SEEDS") is { Length: > 0 } seeds ? Math.Max(1_000, int.Parse(seeds, CultureInfo.InvariantCulture) / 20) : DefaultCount;
            Parallel.For(0L, count, Play);
        }

        internal bool IsReplay { get; }

        internal IReadOnlyDictionary<DispatchHappening, bool> Totals => _totals;

        /// <summary>Fails with the smallest violating seed found and its history.</summary>
        internal void AssertHolds(DispatchInvariant invariant)
        {
            if (_violations.TryGetValue(invariant, out var violation))
            {
                var replay = DispatchSimulation.Run(violation.Seed, isTraced: true);
                Assert.Fail($"Seed {violation.Seed} (replay with SIMULATION_SEED={violation.Seed}): {violation.Text}\n{string.Join('\n', replay.Trace)}");
            }
        }

        private void Play(long seed)
        {
            var history = DispatchSimulation.Run(seed);

            foreach (var (invariant, text) in history.Violations)
            {
                _violations.AddOrUpdate(invariant, (seed, text), (_, known) => known.Seed <= seed ? known : (seed, text));
            }

            foreach (var happening in history.Happenings.Keys)
            {
                _totals[happening] = true;
            }
        }
    }
}
