using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol;

public sealed class WriterUncertaintyTests
{
    private readonly WriterHarness _harness = new();

    [Fact]
    public void An_uncertain_frame_is_sent_again_at_the_same_version_with_a_higher_base()
    {
        var append = _harness.Submit(1);
        _harness.Writer.TailRecord(0, WriterHarness.Frame(9, 1) with { Stream = new StreamKey(2) });
        _harness.Writer.Uncertain(_harness.LastProduced);
        Assert.Equal([append], _harness.Retries);

        _harness.Writer.Resend(append);

        Assert.Equal(WriterHarness.Frame(1, 1, @base: 1), _harness.LastProduced.Header);
    }

    [Fact]
    public void A_later_copy_that_was_not_persisted_does_not_settle_it()
    {
        var append = _harness.Submit(1);
        _harness.Writer.Uncertain(_harness.LastProduced);
        _harness.Writer.Resend(append);
        _harness.Writer.NotPersisted(_harness.LastProduced, new TimeoutException(), isFinal: true);
        Assert.False(_harness.IsDecided(append));

        _harness.Writer.Deadline(append);

        Assert.Equal(AppendDecision.Unknown(1, 0), _harness.DecisionOf(append));
    }

    [Fact]
    public void The_fold_settles_an_uncertain_frame_by_its_append_id()
    {
        var append = _harness.Submit(1);
        _harness.Writer.Uncertain(_harness.LastProduced);

        _harness.Writer.TailRecord(0, _harness.Produced[0].Header);

        Assert.Equal(DecisionKind.Accepted, _harness.KindOf(append));
    }

    [Fact]
    public void When_no_copy_was_persisted_the_deadline_is_definite()
    {
        var error = new TimeoutException();
        var append = _harness.Submit(1);
        _harness.Writer.NotPersisted(_harness.LastProduced, error, isFinal: false);
        Assert.Equal([append], _harness.Retries);

        _harness.Writer.Deadline(append);

        Assert.Equal(AppendDecision.NotWritten(error, isFinal: false), _harness.DecisionOf(append));
    }

    [Fact]
    public void A_final_error_of_the_only_copy_ends_it_at_once_and_the_next_goes_on()
    {
        var append = _harness.Submit(1);
        _harness.Submit(2);

        _harness.Writer.NotPersisted(_harness.LastProduced, new ArgumentException("too large"), isFinal: true);

        Assert.True(_harness.DecisionOf(append).IsFinal);
        Assert.Equal(WriterHarness.Id(2), _harness.LastProduced.Append.Id);
    }

    [Fact]
    public void A_cancelled_append_that_was_handed_over_is_unknown()
    {
        var append = _harness.Submit(1);

        _harness.Writer.Cancel(append);

        Assert.Equal(AppendDecision.Unknown(1, 0), _harness.DecisionOf(append));
    }

    [Fact]
    public void A_cancelled_append_that_was_not_handed_over_is_cancelled()
    {
        _harness.Submit(1);
        var queued = _harness.Submit(2);

        _harness.Writer.Cancel(queued);

        Assert.Equal(DecisionKind.Cancelled, _harness.KindOf(queued));
    }

    [Fact]
    public void After_an_unknown_outcome_the_next_append_takes_the_same_version_and_the_log_decides()
    {
        var first = _harness.Submit(1);
        var second = _harness.Submit(2, ExpectedVersion.NoStream);
        _harness.Writer.Deadline(first);
        Assert.Equal(1, _harness.LastProduced.FirstVersion);

        _harness.Writer.TailRecord(0, _harness.Produced[0].Header);

        Assert.Equal(AppendDecision.Conflict(1), _harness.DecisionOf(second));
    }

    [Fact]
    public void A_replaced_producer_makes_every_frame_in_flight_uncertain()
    {
        var append = _harness.Submit(1);
        var lost = _harness.LastProduced;

        _harness.Writer.ProducerReplaced();
        _harness.Writer.NotPersisted(lost, new TimeoutException(), isFinal: true);

        Assert.False(_harness.IsDecided(append));
        Assert.Equal([append], _harness.Retries);
    }

    [Fact]
    public void Resolving_sends_the_frame_again_until_it_is_decided()
    {
        var append = _harness.Submit(1);
        _harness.Writer.Deadline(append);

        var resolution = _harness.Resolve(1, _harness.DecisionOf(append));
        _harness.Writer.Acknowledged(_harness.LastProduced, 0);

        Assert.Equal(2, _harness.Produced.Count);
        Assert.Equal(1, _harness.DecisionOf(resolution).Version);
    }

    [Fact]
    public void Resolving_is_rejected_when_another_frame_took_the_version()
    {
        var append = _harness.Submit(1);
        _harness.Writer.Deadline(append);
        _harness.OthersAppend(1);

        Assert.Equal(DecisionKind.Conflict, _harness.KindOf(_harness.Resolve(1, _harness.DecisionOf(append))));
    }

    [Fact]
    public void Resolving_without_a_frame_is_unknown_at_the_end_of_the_log()
    {
        var append = _harness.Submit(1);
        _harness.Writer.Deadline(append);

        var resolution = _harness.Resolve(1, _harness.DecisionOf(append), hasFrame: false);
        _harness.Writer.EndKnown(resolution, 0);

        Assert.Equal(DecisionKind.Unknown, _harness.KindOf(resolution));
        Assert.Single(_harness.Produced);
    }

    [Fact]
    public void Resolving_what_has_left_the_window_asks_for_the_log()
    {
        var harness = new WriterHarness(windowCapacity: 1);
        var append = harness.Submit(1);
        harness.Writer.Deadline(append);
        harness.Writer.TailRecord(0, harness.Produced[0].Header);
        harness.OthersAppend(1);

        Assert.Equal(AppendDecision.ReadLog(1, 0), harness.DecisionOf(harness.Resolve(1, harness.DecisionOf(append))));
    }

    [Fact]
    public void The_first_frame_of_the_version_decides_a_pending_append()
    {
        var pending = new AppendKey(WriterHarness.Account, WriterHarness.Id(1));

        Assert.Equal(AppendOutcome.Undecided, PendingRule.Judge(WriterHarness.Frame(1, 3), pending, 4));
        Assert.Equal(AppendOutcome.Undecided, PendingRule.Judge(WriterHarness.Frame(1, 4, count: 0), pending, 4));
        Assert.Equal(AppendOutcome.Accepted, PendingRule.Judge(WriterHarness.Frame(1, 4), pending, 4));
        Assert.Equal(AppendOutcome.Rejected, PendingRule.Judge(WriterHarness.Frame(2, 4), pending, 4));
    }
}
