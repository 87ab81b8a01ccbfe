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
}
