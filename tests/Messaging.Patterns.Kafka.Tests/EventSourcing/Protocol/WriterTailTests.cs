using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol;

public sealed class WriterTailTests
{
    private readonly WriterHarness _harness = new();

    [Fact]
    public void What_was_folded_from_an_acknowledgement_is_not_folded_again()
    {
        _harness.Submit(1);
        var attempt = _harness.LastProduced;
        _harness.Writer.Acknowledged(attempt, 0);
        Assert.Equal(attempt.Header, _harness.Writer.ExpectedAt(0));

        Assert.Null(_harness.Writer.TailRecord(0, attempt.Header));

        Assert.Null(_harness.Fault);
        Assert.Null(_harness.Writer.ExpectedAt(0));
    }

    [Fact]
    public void The_same_bytes_can_be_confirmed_without_parsing()
    {
        _harness.Submit(1);
        _harness.Writer.Acknowledged(_harness.LastProduced, 0);

        _harness.Writer.TailConfirms();
        _harness.Writer.TailEnd(1);

        Assert.Null(_harness.Fault);
    }

    [Fact]
    public void Another_frame_where_one_was_acknowledged_and_folded_stops()
    {
        _harness.Submit(1);
        _harness.Writer.Acknowledged(_harness.LastProduced, 0);

        _harness.Writer.TailRecord(0, WriterHarness.Frame(9, 1));

        Assert.Equal(FaultReason.FrameReplaced, _harness.Fault?.Reason);
    }

    [Fact]
    public void Another_frame_where_one_was_acknowledged_and_parked_stops()
    {
        _harness.Submit(1);
        _harness.Writer.Acknowledged(_harness.LastProduced, 1);
        _harness.Writer.TailRecord(0, WriterHarness.Frame(8, 5));

        // The parked frame is folded as soon as it is next, and compared when the tail gets there.
        _harness.Writer.TailRecord(1, WriterHarness.Frame(9, 1));

        Assert.Equal(FaultReason.FrameReplaced, _harness.Fault?.Reason);
    }

    [Fact]
    public void Another_frame_after_a_gap_of_offsets_where_one_is_parked_stops()
    {
        _harness.Submit(1);
        _harness.Writer.Acknowledged(_harness.LastProduced, 1);

        _harness.Writer.TailRecord(1, WriterHarness.Frame(9, 1));

        Assert.Equal(FaultReason.FrameReplaced, _harness.Fault?.Reason);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Jumping_over_an_acknowledged_offset_stops(long acknowledgedAt)
    {
        _harness.Submit(1);
        _harness.Writer.Acknowledged(_harness.LastProduced, acknowledgedAt);

        _harness.Writer.TailRecord(2, WriterHarness.Frame(9, 1));

        Assert.Equal(FaultReason.FrameMissing, _harness.Fault?.Reason);
    }

    [Fact]
    public void An_end_beyond_an_acknowledged_offset_that_was_not_delivered_stops()
    {
        _harness.Submit(1);
        _harness.Writer.Acknowledged(_harness.LastProduced, 0);

        _harness.Writer.TailEnd(1);

        Assert.Equal(FaultReason.FrameMissing, _harness.Fault?.Reason);
    }

    [Fact]
    public void Control_records_move_the_position_at_the_end_of_the_partition()
    {
        var append = _harness.Submit(1);
        _harness.Writer.Acknowledged(_harness.LastProduced, 2);

        _harness.Writer.TailEnd(2);

        Assert.Equal(DecisionKind.Accepted, _harness.KindOf(append));
        Assert.Equal(3, _harness.Writer.Position);
    }

    [Fact]
    public void After_a_rest_the_tail_starts_at_the_first_frame_that_was_kept_and_compares_them_all()
    {
        var harness = Rested(frames: 4, kept: 3);

        Assert.Equal(1, harness.Writer.StartTail());

        for (var offset = 1; offset < 4; offset++)
        {
            Assert.False(harness.Writer.IsConfirmed);
            harness.Writer.TailRecord(offset, harness.Produced[offset].Header);
        }

        Assert.True(harness.Writer.IsConfirmed);
        Assert.Null(harness.Fault);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Another_frame_in_the_place_of_any_that_was_kept_during_a_rest_stops(int replaced)
    {
        var harness = Rested(frames: 4, kept: 3);
        harness.Writer.StartTail();

        for (var offset = 1; offset < 4; offset++)
        {
            harness.Writer.TailRecord(offset, offset == replaced ? WriterHarness.Frame(9, offset) : harness.Produced[offset].Header);
        }

        Assert.Equal(FaultReason.FrameReplaced, harness.Fault?.Reason);
    }

    [Fact]
    public void A_rest_in_which_nothing_was_folded_ends_at_the_last_frame()
    {
        _harness.OthersAppend(3);
        _harness.Writer.RestTail();

        Assert.Equal(2, _harness.Writer.StartTail());
        Assert.False(_harness.Writer.IsConfirmed);
        _harness.Writer.TailRecord(2, WriterHarness.Frame(9, 3));

        Assert.Equal(FaultReason.FrameReplaced, _harness.Fault?.Reason);
    }

    [Fact]
    public void A_frame_where_the_fold_passed_over_a_control_record_stops()
    {
        _harness.OthersAppend(1);
        _harness.Writer.TailEnd(3);
        _harness.Writer.RestTail();
        Assert.Equal(0, _harness.Writer.StartTail());

        _harness.Writer.TailRecord(0, _harness.Folds[0].Frame);
        _harness.Writer.TailRecord(1, WriterHarness.Frame(9, 2));

        Assert.Equal(FaultReason.FrameReplaced, _harness.Fault?.Reason);
    }

    [Fact]
    public void What_is_delivered_again_changes_nothing()
    {
        _harness.OthersAppend(3);
        _harness.Submit(1);
        _harness.Writer.Acknowledged(_harness.LastProduced, 3);
        _harness.Writer.TailRecord(3, _harness.LastProduced.Header);

        for (var offset = 0; offset < 4; offset++)
        {
            Assert.Null(_harness.Writer.TailRecord(offset, _harness.Folds[offset].Frame));
        }

        Assert.Null(_harness.Fault);
        Assert.Equal(4, _harness.Folds.Count);
    }

    [Fact]
    public void What_is_delivered_during_a_rest_is_compared_too_and_folded_if_it_is_new()
    {
        var harness = Rested(frames: 4, kept: 3);

        for (var offset = 0; offset < 4; offset++)
        {
            harness.Writer.TailRecord(offset, harness.Produced[offset].Header);
        }

        harness.OthersAppend(1);

        Assert.Null(harness.Fault);
        Assert.Equal(5, harness.Writer.Position);
    }

    [Fact]
    public void Own_frames_in_a_row_are_counted_whoever_tells_of_them_first()
    {
        _harness.Submit(1);
        _harness.Writer.Acknowledged(_harness.LastProduced, 0);
        _harness.Writer.TailRecord(0, _harness.LastProduced.Header);
        Assert.Equal(1, _harness.Writer.OwnInRow);

        _harness.Submit(2);
        _harness.Writer.TailRecord(1, _harness.LastProduced.Header);
        _harness.Writer.Acknowledged(_harness.LastProduced, 1);

        Assert.Equal(2, _harness.Writer.OwnInRow);
        Assert.Null(_harness.Fault);
    }

    [Fact]
    public void A_frame_of_others_and_a_new_start_of_the_tail_begin_the_count_anew()
    {
        _harness.Submit(1);
        _harness.Writer.Acknowledged(_harness.LastProduced, 0);
        _harness.Writer.TailConfirms();
        _harness.OthersAppend(1);
        Assert.Equal(0, _harness.Writer.OwnInRow);

        _harness.Submit(2);
        _harness.Writer.Acknowledged(_harness.LastProduced, 2);
        Assert.Equal(1, _harness.Writer.OwnInRow);

        _harness.Writer.StartTail();
        Assert.Equal(0, _harness.Writer.OwnInRow);
    }

    [Fact]
    public void An_acknowledgement_that_waits_for_frames_of_others_does_not_count()
    {
        _harness.Submit(1);
        _harness.Writer.Acknowledged(_harness.LastProduced, 1);

        Assert.Equal(0, _harness.Writer.OwnInRow);
    }

    [Fact]
    public void A_writer_restored_from_a_checkpoint_stops_when_its_last_frame_is_gone()
    {
        var fold = new PartitionFold(WriterHarness.Partitions);
        fold.Restore(5, new FoldedFrame(4, WriterHarness.Frame(1, 1)));
        var restored = new WriterHarness(fold);
        Assert.Equal(4, restored.Writer.StartTail());

        restored.Writer.TailEnd(6);

        Assert.Equal(FaultReason.FrameMissing, restored.Fault?.Reason);
    }

    [Fact]
    public void A_frame_with_a_base_beyond_itself_stops()
    {
        _harness.Writer.TailRecord(0, WriterHarness.Frame(9, 1, @base: 1));

        Assert.Equal(FaultReason.BaseBeyondOffset, _harness.Fault?.Reason);
    }

    [Fact]
    public void A_frame_written_under_another_partition_count_stops()
    {
        _harness.Writer.TailRecord(0, WriterHarness.Frame(9, 1) with { Partitions = 4 });

        Assert.Equal(FaultReason.OtherPartitionCount, _harness.Fault?.Reason);
    }

    [Fact]
    public void A_foreign_frame_with_a_gap_is_told_apart_and_ignored()
    {
        Assert.Equal(Verdict.Gap, _harness.Writer.TailRecord(0, WriterHarness.Frame(9, 3)));

        Assert.Null(_harness.Fault);
        Assert.Equal(0, _harness.Fold.Versions[WriterHarness.Account]);
    }

    [Fact]
    public void A_barrier_moves_only_the_position()
    {
        Assert.Equal(Verdict.Barrier, _harness.Writer.TailRecord(0, WriterHarness.Frame(9, 1, count: 0)));

        Assert.Equal(1, _harness.Writer.Position);
        Assert.Equal(0, _harness.Fold.Versions[WriterHarness.Account]);
    }

    [Fact]
    public void A_stop_answers_every_append_as_well_as_can_be_and_refuses_later_ones()
    {
        var sent = _harness.Submit(1);
        var queued = _harness.Submit(2);

        _harness.Writer.TailRecord(0, WriterHarness.Frame(9, 1, @base: 1));

        Assert.Equal(DecisionKind.Unknown, _harness.KindOf(sent));
        Assert.Equal(DecisionKind.Stopped, _harness.KindOf(queued));
        Assert.Equal(DecisionKind.Stopped, _harness.KindOf(_harness.Submit(3)));
    }

    /// <summary>Lets a writer fold frames from their acknowledgements while its tail rests.</summary>
    private static WriterHarness Rested(int frames, int kept)
    {
        var harness = new WriterHarness(new PartitionFold(WriterHarness.Partitions), kept);
        harness.Writer.RestTail();

        for (var offset = 0; offset < frames; offset++)
        {
            harness.Submit(100 + offset);
            harness.Writer.Acknowledged(harness.LastProduced, offset);
        }

        return harness;
    }
}
