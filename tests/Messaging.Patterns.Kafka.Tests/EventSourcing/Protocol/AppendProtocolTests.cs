using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol;

/// <summary>The invariants of the append protocol, each over the same simulated histories.</summary>
public sealed class AppendProtocolTests(SimulatedHistories histories, ITestOutputHelper output) : IClassFixture<SimulatedHistories>
{
    [Fact]
    public void Every_success_is_accepted_exactly_once_at_the_reported_version() => histories.AssertHolds(Invariant.SuccessAcceptedOnce);

    [Fact]
    public void Nothing_reported_as_a_conflict_is_ever_accepted() => histories.AssertHolds(Invariant.ConflictNeverAccepted);

    [Fact]
    public void Nothing_reported_as_not_written_is_ever_accepted() => histories.AssertHolds(Invariant.FailureNeverWritten);

    [Fact]
    public void Every_unknown_outcome_resolves_to_exactly_one() => histories.AssertHolds(Invariant.UnknownResolvesToOne);

    [Fact]
    public void Versions_have_no_gaps_and_no_repeats() => histories.AssertHolds(Invariant.NoGapsNoRepeats);

    [Fact]
    public void No_append_id_is_accepted_twice() => histories.AssertHolds(Invariant.IdAcceptedOnce);

    [Fact]
    public void All_readers_fresh_or_restored_agree() => histories.AssertHolds(Invariant.ReadersAgree);

    [Fact]
    public void A_reader_that_starts_anywhere_accepts_what_the_rule_accepts() => histories.AssertHolds(Invariant.FilterEqualsRule);

    [Fact]
    public void Reads_are_monotone_and_see_what_they_must() => histories.AssertHolds(Invariant.ReadsInOrder);

    [Fact]
    public void Every_stream_is_linearizable() => histories.AssertHolds(Invariant.Linearizable);

    [Fact]
    public void An_honest_history_never_stops_a_writer() => histories.AssertHolds(Invariant.NoSpuriousStop);

    [Fact]
    public void Whoever_has_folded_what_the_log_lost_stops() => histories.AssertHolds(Invariant.LossNoticed);

    [Fact]
    public void Every_append_is_answered() => histories.AssertHolds(Invariant.EveryCallAnswered);

    [Fact]
    public void The_histories_reach_every_kind_of_happening()
    {
        Assert.SkipWhen(histories.IsReplay, "A single history need not reach everything.");

        foreach (var happening in Enum.GetValues<Happening>())
        {
            output.WriteLine($"{happening}: {histories.TotalOf(happening)}");
        }

        Assert.All(Enum.GetValues<Happening>(), happening => Assert.True(histories.TotalOf(happening) > 0, $"{happening} never happened."));
    }
}
