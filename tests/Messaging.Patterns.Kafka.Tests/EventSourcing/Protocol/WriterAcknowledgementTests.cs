using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol;

public sealed class WriterAcknowledgementTests
{
    private readonly WriterHarness _harness = new();

    [Fact]
    public void At_the_position_it_is_folded_and_answered_at_once()
    {
        var append = _harness.Submit(1, count: 2);

        _harness.Writer.Acknowledged(_harness.LastProduced, 0);

        Assert.Equal(new AppendDecision { Kind = DecisionKind.Accepted, Version = 2, Offset = 0 }, _harness.DecisionOf(append));
        Assert.Equal(1, _harness.Writer.Position);
    }

    [Fact]
    public void Ahead_of_the_position_it_is_parked_until_the_tail_gets_there()
    {
        var append = _harness.Submit(1);

        _harness.Writer.Acknowledged(_harness.LastProduced, 1);
        Assert.False(_harness.IsDecided(append));
        Assert.True(_harness.Writer.HasParked);

        _harness.Writer.TailRecord(0, WriterHarness.Frame(9, 1) with { Stream = new StreamKey(2) });
        Assert.Equal(DecisionKind.Accepted, _harness.KindOf(append));
    }

    [Fact]
    public void The_store_is_told_of_every_frame_once_in_the_order_of_the_log()
    {
        _harness.Submit(1);
        _harness.Writer.Acknowledged(_harness.LastProduced, 1);

        // One input of the tail folds two frames: its own, and the parked one behind it.
        _harness.Writer.TailRecord(0, WriterHarness.Frame(9, 1) with { Stream = new StreamKey(2) });
        _harness.Writer.TailRecord(1, _harness.LastProduced.Header);

        Assert.Equal([0L, 1L], _harness.Folds.Select(folded => folded.Offset));
        Assert.All(_harness.Folds, folded => Assert.True(folded.IsAccepted));
    }

    [Fact]
    public void Parked_ones_are_answered_as_soon_as_they_are_contiguous()
    {
        var first = _harness.Submit(1);
        var second = new Append(new StreamKey(2), WriterHarness.Id(2), default, 1);
        _harness.Writer.Submit(second);

        _harness.Writer.Acknowledged(_harness.Produced[1], 1);
        _harness.Writer.Acknowledged(_harness.Produced[0], 0);

        Assert.Equal(DecisionKind.Accepted, _harness.KindOf(first));
        Assert.Equal(DecisionKind.Accepted, _harness.KindOf(second));
        Assert.Equal(2, _harness.Writer.Position);
    }

    [Fact]
    public void Behind_the_position_the_fold_has_answered_already()
    {
        var append = _harness.Submit(1);
        _harness.Writer.TailRecord(0, _harness.LastProduced.Header);
        Assert.Equal(DecisionKind.Accepted, _harness.KindOf(append));

        _harness.Writer.Acknowledged(_harness.LastProduced, 0);

        Assert.Null(_harness.Fault);
    }

    [Fact]
    public void Of_a_copy_answered_long_ago_stops_nothing()
    {
        var append = _harness.Submit(1);
        var late = _harness.LastProduced;
        _harness.Writer.Deadline(append);
        _harness.OthersAppend(3);
        _harness.Writer.TailRecord(3, late.Header);

        _harness.Writer.Acknowledged(late, 3);

        Assert.Null(_harness.Fault);
    }

    [Fact]
    public void At_the_position_of_a_losing_late_copy_keeps_the_fold_contiguous()
    {
        _harness.Submit(1);
        var late = _harness.LastProduced;
        _harness.OthersAppend(1);

        _harness.Writer.Acknowledged(late, 1);

        Assert.Equal(2, _harness.Writer.Position);
        Assert.Equal(1, _harness.Fold.Versions[WriterHarness.Account]);
    }

    [Fact]
    public void Behind_the_position_where_the_fold_saw_another_frame_stops()
    {
        _harness.Submit(1);
        _harness.OthersAppend(1);

        _harness.Writer.Acknowledged(_harness.Produced[0], 0);

        Assert.Equal(FaultReason.FrameMissing, _harness.Fault?.Reason);
    }

    [Fact]
    public void At_an_offset_claimed_by_another_stops()
    {
        _harness.Submit(1);
        _harness.Writer.Submit(new Append(new StreamKey(2), WriterHarness.Id(2), default, 1));
        _harness.Writer.Acknowledged(_harness.Produced[0], 1);
        _harness.Writer.Acknowledged(_harness.Produced[1], 1);

        _harness.Writer.TailEnd(1);

        Assert.Equal(FaultReason.OffsetClaimedTwice, _harness.Fault?.Reason);
    }
}
