using Messaging.Patterns.Kafka.Consuming;

namespace Messaging.Patterns.Kafka.Tests.Consuming;

public sealed class PartitionDispatchTests
{
    private readonly PartitionDispatch<string> _dispatch = new(capacity: 4);

    [Fact]
    public void Records_are_given_out_one_at_a_time_in_their_order()
    {
        Add(5, 6);

        Assert.Equal(5, Begin().Offset);
        Assert.False(_dispatch.TryBegin(out _));
    }

    [Fact]
    public void The_next_record_follows_when_the_one_before_is_done()
    {
        Add(5, 6);
        _dispatch.Complete(Begin());

        Assert.Equal(6, Begin().Offset);
        Assert.Equal(6, _dispatch.Committable);
    }

    [Fact]
    public void A_record_that_comes_again_is_left_out()
    {
        Add(5, 6, 5, 6);

        Assert.Equal(2, _dispatch.Waiting);
    }

    [Fact]
    public void A_failure_stops_the_partition_and_keeps_the_commit_before_it()
    {
        Add(5, 6, 7);
        _dispatch.Complete(Begin());

        Assert.True(_dispatch.Fail(Begin()));

        Assert.Equal(PartitionPhase.Stopped, _dispatch.Phase);
        Assert.Equal(6, _dispatch.Committable);
        Assert.False(_dispatch.TryBegin(out _));
    }

    [Fact]
    public void A_stopped_partition_takes_nothing_more()
    {
        Add(5);
        _dispatch.Fail(Begin());

        Add(6);
        _dispatch.ReachedEnd(7);

        Assert.Equal(0, _dispatch.Waiting);
        Assert.False(_dispatch.IsTaking);
        Assert.Null(_dispatch.Committable);
    }

    [Fact]
    public void A_draining_partition_gives_out_nothing_but_counts_what_is_being_handled()
    {
        Add(5, 6);
        var work = Begin();

        _dispatch.Drain();

        Assert.False(_dispatch.TryBegin(out _));
        Assert.True(_dispatch.Complete(work));
        Assert.Equal(6, _dispatch.Committable);
        Assert.False(_dispatch.TryBegin(out _));
    }

    [Fact]
    public void What_is_done_after_the_partition_left_does_not_count()
    {
        Add(5);
        var work = Begin();

        _dispatch.Leave();

        Assert.False(_dispatch.Complete(work));
        Assert.False(_dispatch.Fail(work));
        Assert.Null(_dispatch.Committable);
    }

    [Fact]
    public void A_stopped_partition_stays_stopped_while_it_drains()
    {
        Add(5);
        _dispatch.Fail(Begin());

        _dispatch.Drain();

        Assert.Equal(PartitionPhase.Stopped, _dispatch.Phase);
    }

    [Fact]
    public void What_is_being_handled_counts_also_when_the_partition_cannot_be_read_on()
    {
        Add(5, 6);
        var work = Begin();

        _dispatch.Stop();

        Assert.True(_dispatch.Complete(work));
        Assert.Equal(6, _dispatch.Committable);
        Assert.False(_dispatch.TryBegin(out _));
    }

    [Fact]
    public void The_end_of_the_partition_is_committed_when_everything_before_it_is_done()
    {
        Add(5);
        _dispatch.ReachedEnd(8);
        Assert.Null(_dispatch.Committable);

        _dispatch.Complete(Begin());

        Assert.Equal(8, _dispatch.Committable);
    }

    [Fact]
    public void A_full_partition_takes_more_when_half_of_it_is_handled()
    {
        Add(1, 2, 3, 4);
        Assert.False(_dispatch.IsTaking);

        _dispatch.Complete(Begin());
        Assert.False(_dispatch.HasRoom);
        _dispatch.Complete(Begin());

        Assert.True(_dispatch.HasRoom);
    }

    [Fact]
    public void A_paused_partition_asks_once_to_be_resumed()
    {
        Add(1, 2, 3, 4);
        _dispatch.Pause();
        Assert.False(_dispatch.AskResume());
        _dispatch.Complete(Begin());
        _dispatch.Complete(Begin());

        Assert.True(_dispatch.AskResume());
        Assert.False(_dispatch.AskResume());
        Assert.True(_dispatch.TryResume());
        Assert.False(_dispatch.TryResume());
        Assert.False(_dispatch.IsPaused);
    }

    [Fact]
    public void A_stopped_partition_stays_paused()
    {
        Add(1);
        _dispatch.Fail(Begin());
        _dispatch.Pause();

        Assert.False(_dispatch.AskResume());
        Assert.False(_dispatch.TryResume());
    }

    private void Add(params long[] offsets) => Array.ForEach(offsets, offset => _dispatch.Add(offset, $"record {offset}"));

    private PartitionWork<string> Begin()
    {
        Assert.True(_dispatch.TryBegin(out var work));
        return work;
    }
}
