using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol;

public sealed class WriterExpectationTests
{
    private readonly WriterHarness _harness = new();

    [Fact]
    public void Any_becomes_the_exact_next_version_with_the_position_as_base()
    {
        _harness.OthersAppend(3);

        _harness.Submit(1, count: 2);

        Assert.Equal(WriterHarness.Frame(1, firstVersion: 4, count: 2, @base: 3), _harness.LastProduced.Header);
    }

    [Fact]
    public void A_stale_version_is_a_conflict_and_nothing_is_written()
    {
        _harness.OthersAppend(3);

        var append = _harness.Submit(1, ExpectedVersion.Exactly(2));

        Assert.Equal(AppendDecision.Conflict(3), _harness.DecisionOf(append));
        Assert.Empty(_harness.Produced);
    }

    [Fact]
    public void A_future_version_waits_for_the_tail_and_is_sent_when_it_is_reached()
    {
        var append = _harness.Submit(1, ExpectedVersion.Exactly(2));
        Assert.Equal([append], _harness.EndQueries);

        _harness.OthersAppend(1);
        Assert.Empty(_harness.Produced);

        _harness.OthersAppend(1);
        Assert.Equal(3, Assert.Single(_harness.Produced).FirstVersion);
    }

    [Fact]
    public void A_future_version_that_the_log_does_not_hold_is_a_conflict_at_the_end_of_the_log()
    {
        var append = _harness.Submit(1, ExpectedVersion.Exactly(5));

        _harness.Writer.EndKnown(append, 2);
        _harness.OthersAppend(1);
        Assert.False(_harness.IsDecided(append));

        _harness.Writer.TailEnd(2);
        Assert.Equal(AppendDecision.Conflict(1), _harness.DecisionOf(append));
    }

    [Fact]
    public void Exists_on_a_stream_that_is_not_folded_waits_for_the_end_of_the_log()
    {
        var append = _harness.Submit(1, ExpectedVersion.Exists);

        _harness.Writer.EndKnown(append, 0);

        Assert.Equal(AppendDecision.Conflict(0), _harness.DecisionOf(append));
    }

    [Fact]
    public void A_waiting_append_does_not_hold_up_others_of_its_stream()
    {
        _harness.Submit(1, ExpectedVersion.Exactly(7));

        _harness.Submit(2);

        Assert.Equal(WriterHarness.Id(2), Assert.Single(_harness.Produced).Append.Id);
    }

    [Fact]
    public void An_exact_chain_behind_an_append_in_flight_needs_no_waiting()
    {
        _harness.Submit(1, ExpectedVersion.NoStream);
        _harness.Submit(2, ExpectedVersion.Exactly(1));

        _harness.Writer.Acknowledged(_harness.Produced[0], 0);

        Assert.Equal(2, _harness.LastProduced.FirstVersion);
        Assert.Empty(_harness.EndQueries);
    }

    [Fact]
    public void Any_is_rebased_when_it_loses()
    {
        _harness.Submit(1);

        _harness.OthersAppend(1);

        Assert.Equal([1L, 2L], _harness.Produced.Select(attempt => attempt.FirstVersion));
        Assert.Equal(1, _harness.LastProduced.Base);
    }

    [Fact]
    public void Exactly_is_a_conflict_when_it_loses()
    {
        var append = _harness.Submit(1, ExpectedVersion.NoStream);

        _harness.OthersAppend(1);

        Assert.Equal(AppendDecision.Conflict(1), _harness.DecisionOf(append));
    }

    [Fact]
    public void At_most_one_frame_per_stream_is_in_flight()
    {
        _harness.Submit(1);
        _harness.Submit(2);
        _harness.Writer.Submit(new Append(new StreamKey(2), WriterHarness.Id(3), default, 1));

        Assert.Equal([WriterHarness.Id(1), WriterHarness.Id(3)], _harness.Produced.Select(attempt => attempt.Append.Id));
    }
}
