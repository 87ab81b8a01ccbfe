using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Dispatch;

public sealed class OffsetTrackerTests
{
    private readonly OffsetTracker _tracker = new();

    [Fact]
    public void Nothing_is_committed_before_anything_is_done()
    {
        _tracker.Take(5);

        Assert.Null(_tracker.Committable);
    }

    [Fact]
    public void The_offset_after_the_last_record_done_is_committed()
    {
        _tracker.Complete(_tracker.Take(5));

        Assert.Equal(6, _tracker.Committable);
    }

    [Fact]
    public void What_is_done_behind_a_gap_waits_for_the_gap()
    {
        var (first, second, third) = (_tracker.Take(5), _tracker.Take(6), _tracker.Take(7));

        _tracker.Complete(third);
        _tracker.Complete(second);
        Assert.Null(_tracker.Committable);
        _tracker.Complete(first);

        Assert.Equal(8, _tracker.Committable);
    }

    [Fact]
    public void Holes_between_offsets_are_no_gaps()
    {
        _tracker.Complete(_tracker.Take(5));
        _tracker.Complete(_tracker.Take(90));

        Assert.Equal(91, _tracker.Committable);
    }

    [Fact]
    public void A_record_done_twice_counts_once()
    {
        var (first, second) = (_tracker.Take(5), _tracker.Take(6));

        _tracker.Complete(first);
        _tracker.Complete(first);

        Assert.Equal(6, _tracker.Committable);
        _tracker.Complete(second);
        Assert.Equal(7, _tracker.Committable);
    }

    [Fact]
    public void The_end_of_the_partition_is_committed_after_what_comes_before_it()
    {
        var ticket = _tracker.Take(5);
        _tracker.SkipTo(9);
        Assert.Null(_tracker.Committable);

        _tracker.Complete(ticket);

        Assert.Equal(9, _tracker.Committable);
    }

    [Fact]
    public void An_end_that_was_passed_changes_nothing()
    {
        _tracker.Complete(_tracker.Take(5));

        _tracker.SkipTo(6);

        Assert.Equal(6, _tracker.Committable);
    }

    [Fact]
    public void An_offset_that_was_taken_is_refused()
    {
        _tracker.Take(5);

        Assert.Throws<ArgumentOutOfRangeException>(() => _tracker.Take(5));
    }

    [Fact]
    public void A_ticket_that_was_never_given_is_refused()
    {
        _tracker.Take(5);

        Assert.Throws<ArgumentOutOfRangeException>(() => _tracker.Complete(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_the_order_the_mark_is_after_the_last_record_before_the_first_that_is_open(int seed)
    {
        var random = new Random(seed);
        var taken = new List<long>();
        var open = new SortedDictionary<long, long>();
        var offset = 0L;

        for (var step = 0; step < 5_000; step++)
        {
            if (open.Count == 0 || random.Next(100) < 52)
            {
                offset += random.Next(1, 4);
                open.Add(offset, _tracker.Take(offset));
                taken.Add(offset);
            }
            else
            {
                var (done, ticket) = open.ElementAt(random.Next(Math.Min(open.Count, 40)));
                _tracker.Complete(ticket);
                open.Remove(done);
            }

            var before = open.Count == 0 ? taken.Count : taken.BinarySearch(open.Keys.First());
            Assert.Equal(before == 0 ? null : taken[before - 1] + 1, _tracker.Committable);
            Assert.Equal(taken.Count - before, _tracker.Pending);
        }
    }
}
