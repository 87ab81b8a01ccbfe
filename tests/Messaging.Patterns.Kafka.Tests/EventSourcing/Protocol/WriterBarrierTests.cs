using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol;

/// <summary>Barriers of the process itself, which linearizable reads wait for.</summary>
public sealed class WriterBarrierTests
{
    private static readonly StreamKey Key = new(99);

    [Fact]
    public void A_barrier_acknowledged_next_is_folded_at_once_and_changes_nothing()
    {
        var harness = new WriterHarness();
        harness.OthersAppend(2);
        var barrier = harness.Writer.BeginBarrier(Key, WriterHarness.Id(1));
        Assert.Equal((0, 0, 2, WriterHarness.Partitions), (barrier.FirstVersion, barrier.Count, barrier.Base, barrier.Partitions));

        harness.Writer.BarrierAcknowledged(2, barrier);

        Assert.Equal(3, harness.Writer.Position);
        Assert.Equal(2, harness.Fold.Versions[WriterHarness.Account]);
        Assert.Equal((2L, barrier, false), harness.Folds[^1]);
        Assert.Equal(barrier, harness.Writer.ExpectedAt(2));
    }

    [Fact]
    public void A_barrier_behind_frames_of_others_waits_for_the_tail()
    {
        var harness = new WriterHarness();
        var barrier = harness.Writer.BeginBarrier(Key, WriterHarness.Id(1));

        harness.Writer.BarrierAcknowledged(1, barrier);
        Assert.Equal(0, harness.Writer.Position);

        harness.OthersAppend(1);
        harness.Writer.TailRecord(1, barrier);
        Assert.Equal((2L, null), (harness.Writer.Position, harness.Fault));
    }

    [Fact]
    public void A_barrier_that_the_tail_brought_before_its_acknowledgement_is_folded_once()
    {
        var harness = new WriterHarness();
        var barrier = harness.Writer.BeginBarrier(Key, WriterHarness.Id(1));
        harness.Writer.TailRecord(0, barrier);

        harness.Writer.BarrierAcknowledged(0, barrier);

        Assert.Equal((1L, null), (harness.Writer.Position, harness.Fault));
        Assert.Single(harness.Folds);
    }

    [Fact]
    public void A_barrier_acknowledged_where_the_fold_has_found_something_else_stops()
    {
        var harness = new WriterHarness();
        var barrier = harness.Writer.BeginBarrier(Key, WriterHarness.Id(1));
        harness.OthersAppend(1);

        harness.Writer.BarrierAcknowledged(0, barrier);

        Assert.Equal(FaultReason.FrameMissing, harness.Fault?.Reason);
    }

    [Fact]
    public void Another_frame_where_a_barrier_was_acknowledged_further_ahead_stops()
    {
        var harness = new WriterHarness();
        var barrier = harness.Writer.BeginBarrier(Key, WriterHarness.Id(1));
        harness.Writer.BarrierAcknowledged(1, barrier);
        Assert.True(harness.Writer.HasParked);

        harness.OthersAppend(1);
        harness.Writer.TailRecord(1, WriterHarness.Frame(2, 2));

        Assert.Equal(FaultReason.FrameReplaced, harness.Fault?.Reason);
    }

    [Fact]
    public void Another_frame_where_a_barrier_was_acknowledged_and_folded_stops()
    {
        var harness = new WriterHarness();
        var barrier = harness.Writer.BeginBarrier(Key, WriterHarness.Id(1));
        harness.Writer.BarrierAcknowledged(0, barrier);

        harness.Writer.TailRecord(0, WriterHarness.Frame(2, 1));

        Assert.Equal(FaultReason.FrameReplaced, harness.Fault!.Reason);
    }

    [Fact]
    public void A_barrier_acknowledged_before_what_was_folded_when_it_was_sent_stops()
    {
        var harness = new WriterHarness();
        harness.OthersAppend(3);
        var barrier = harness.Writer.BeginBarrier(Key, WriterHarness.Id(1));

        harness.Writer.BarrierAcknowledged(1, barrier);

        Assert.Equal(FaultReason.BaseBeyondOffset, harness.Fault!.Reason);
    }

    [Fact]
    public void An_append_behind_a_barrier_is_answered_from_its_acknowledgement()
    {
        var harness = new WriterHarness();
        var barrier = harness.Writer.BeginBarrier(Key, WriterHarness.Id(1));
        var append = harness.Submit(2);

        harness.Writer.Acknowledged(harness.LastProduced, 1);
        Assert.False(harness.IsDecided(append));
        harness.Writer.BarrierAcknowledged(0, barrier);

        Assert.Equal((DecisionKind.Accepted, 1L), (harness.KindOf(append), harness.DecisionOf(append).Version));
        Assert.False(harness.Writer.HasParked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Barriers_of_the_process_itself_count_as_its_own_frames_however_it_learns_of_them(bool isAcknowledgedFirst)
    {
        var harness = new WriterHarness();

        for (var offset = 0; offset < 5; offset++)
        {
            var barrier = harness.Writer.BeginBarrier(Key, WriterHarness.Id(offset));

            if (isAcknowledgedFirst)
            {
                harness.Writer.BarrierAcknowledged(offset, barrier);
            }

            harness.Writer.TailRecord(offset, barrier);
        }

        Assert.Equal(5, harness.Writer.OwnInRow);
        harness.Writer.TailRecord(5, new FrameHeader(Key, WriterHarness.Id(77), 0, 0, 0, WriterHarness.Partitions));
        Assert.Equal(0, harness.Writer.OwnInRow);
    }

    [Fact]
    public void A_writer_that_has_stopped_folds_no_barrier()
    {
        var harness = new WriterHarness();
        var barrier = harness.Writer.BeginBarrier(Key, WriterHarness.Id(1));
        harness.Writer.Stop(new ProtocolFault(FaultReason.External, "stopped"));

        harness.Writer.BarrierAcknowledged(0, barrier);

        Assert.Equal(0, harness.Writer.Position);
    }
}
