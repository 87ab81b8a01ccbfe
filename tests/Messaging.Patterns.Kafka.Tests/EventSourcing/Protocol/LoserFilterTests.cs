using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol;

public sealed class LoserFilterTests
{
    [Fact]
    public void The_first_frame_of_a_version_wins_and_the_second_loses()
    {
        var filter = new LoserFilter(start: 5);

        Assert.Equal(FilterVerdict.Accepted, filter.Judge(5, WriterHarness.Frame(1, 3, @base: 5)));
        Assert.Equal(FilterVerdict.Rejected, filter.Judge(6, WriterHarness.Frame(2, 3, @base: 5)));
    }

    [Theory]
    [InlineData(true, FilterVerdict.Rejected)]
    [InlineData(false, FilterVerdict.Accepted)]
    internal void A_base_before_the_start_needs_a_look_back(bool isFound, FilterVerdict expected)
    {
        var filter = new LoserFilter(start: 5);

        Assert.Equal(FilterVerdict.NeedsScan, filter.Judge(6, WriterHarness.Frame(1, 3, @base: 2)));
        Assert.Equal(new FrameScan(2, 5, WriterHarness.Account, 3), filter.Scan);
        Assert.Equal(expected, filter.Scanned(isFound));
        Assert.Null(filter.Scan);
    }

    [Fact]
    public void What_left_the_window_is_looked_up_in_the_log()
    {
        var filter = new LoserFilter(start: 0, capacity: 1);
        filter.Judge(0, WriterHarness.Frame(1, 1));
        filter.Judge(1, WriterHarness.Frame(2, 2, @base: 1));

        Assert.Equal(FilterVerdict.NeedsScan, filter.Judge(2, WriterHarness.Frame(3, 1)));
        Assert.Equal(new FrameScan(0, 1, WriterHarness.Account, 1), filter.Scan);
        Assert.True(filter.Scan!.Value.IsFoundIn(WriterHarness.Frame(1, 1)));
    }

    [Fact]
    public void A_base_beyond_the_frame_proves_a_changed_log()
    {
        var filter = new LoserFilter(start: 0);

        Assert.Equal(FilterVerdict.BaseBeyondOffset, filter.Judge(3, WriterHarness.Frame(1, 1, @base: 4)));
    }

    [Fact]
    public void A_barrier_is_nothing()
    {
        var filter = new LoserFilter(start: 0);

        Assert.Equal(FilterVerdict.Barrier, filter.Judge(0, WriterHarness.Frame(1, 1, count: 0)));
        Assert.Equal(FilterVerdict.Accepted, filter.Judge(1, WriterHarness.Frame(2, 1)));
    }

    [Fact]
    public void The_next_frame_has_to_wait_for_the_look_back()
    {
        var filter = new LoserFilter(start: 5);
        filter.Judge(6, WriterHarness.Frame(1, 3, @base: 2));

        Assert.Throws<InvalidOperationException>(() => filter.Judge(7, WriterHarness.Frame(2, 4, @base: 6)));
    }

    [Fact]
    public void A_look_back_without_a_frame_that_needs_one_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => new LoserFilter(start: 0).Scanned(isFound: true));

    [Theory]
    [InlineData(5, FilterVerdict.Accepted)]
    [InlineData(4, FilterVerdict.NeedsScan)]
    internal void What_is_covered_begins_with_the_start_itself(long @base, FilterVerdict expected) =>
        Assert.Equal(expected, new LoserFilter(start: 5).Judge(6, WriterHarness.Frame(1, 3, @base: @base)));

    [Fact]
    public void A_base_may_be_the_frames_own_offset() =>
        Assert.Equal(FilterVerdict.Accepted, new LoserFilter(start: 5).Judge(5, WriterHarness.Frame(1, 3, @base: 5)));

    [Fact]
    public void Other_streams_and_other_versions_are_no_rivals()
    {
        var filter = new LoserFilter(start: 0);
        var frame = WriterHarness.Frame(1, 3);

        Assert.Equal(FilterVerdict.Accepted, filter.Judge(0, frame));
        Assert.Equal(FilterVerdict.Accepted, filter.Judge(1, frame with { FirstVersion = 4 }));
        Assert.Equal(FilterVerdict.Accepted, filter.Judge(2, frame with { Stream = new StreamKey(2) }));
    }

    [Fact]
    public void Every_copy_after_the_first_loses_its_own_too()
    {
        var filter = new LoserFilter(start: 0);

        Assert.Equal(FilterVerdict.Accepted, filter.Judge(0, WriterHarness.Frame(1, 1)));
        Assert.Equal(FilterVerdict.Rejected, filter.Judge(1, WriterHarness.Frame(1, 1)));
        Assert.Equal(FilterVerdict.Rejected, filter.Judge(2, WriterHarness.Frame(2, 1)));
    }

    [Fact]
    public void A_loser_that_is_remembered_still_stands_for_its_version_when_the_winner_is_forgotten()
    {
        var filter = new LoserFilter(start: 0, capacity: 2);
        filter.Judge(0, WriterHarness.Frame(1, 1));
        filter.Judge(1, WriterHarness.Frame(2, 1));
        filter.Judge(2, WriterHarness.Frame(3, 2, @base: 1));

        Assert.Equal(1, filter.CoveredFrom);
        Assert.Equal(FilterVerdict.Rejected, filter.Judge(3, WriterHarness.Frame(4, 1)));
    }

    [Fact]
    public void Only_a_frame_of_the_same_stream_and_version_is_found_by_a_look_back()
    {
        var scan = new FrameScan(0, 5, WriterHarness.Account, 3);

        Assert.True(scan.IsFoundIn(WriterHarness.Frame(9, 3, count: 7)));
        Assert.False(scan.IsFoundIn(WriterHarness.Frame(9, 4)));
        Assert.False(scan.IsFoundIn(WriterHarness.Frame(9, 3, count: 0)));
        Assert.False(scan.IsFoundIn(WriterHarness.Frame(9, 3) with { Stream = new StreamKey(2) }));
    }

    [Fact]
    public void A_filter_needs_a_start_and_a_window()
    {
        Assert.Throws<ArgumentOutOfRangeException>("start", () => new LoserFilter(start: -1));
        Assert.Throws<ArgumentOutOfRangeException>("capacity", () => new LoserFilter(start: 0, capacity: 0));
    }
}
