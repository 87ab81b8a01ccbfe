using Messaging.Patterns.Kafka.Consuming;

namespace Messaging.Patterns.Kafka.Tests.Consuming;

public sealed class LagClockTests
{
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(100);

    private readonly LagClock _clock = new();

    [Fact]
    public void Nothing_waits_as_long_as_everything_is_handled()
    {
        _clock.Took(0, 1_000);
        _clock.Observe(next: 1, end: 1, Start);

        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (_clock.Age(Start, 60_000), _clock.Unmoved(Start)));
    }

    [Fact]
    public void The_age_is_that_of_the_first_record_that_is_not_handled()
    {
        foreach (var offset in Enumerable.Range(0, 10))
        {
            _clock.Took(offset, offset * 1_000);
        }

        _clock.Observe(next: 3, end: 10, Start);
        Assert.Equal(TimeSpan.FromSeconds(57), _clock.Age(Start, 60_000));

        _clock.Observe(next: 8, end: 10, Start);
        Assert.Equal(TimeSpan.FromSeconds(52), _clock.Age(Start, 60_000));
    }

    [Fact]
    public void Records_of_a_second_share_a_sample()
    {
        foreach (var offset in Enumerable.Range(0, 10))
        {
            _clock.Took(offset, offset * 100);
        }

        _clock.Observe(next: 9, end: 10, Start);

        Assert.Equal(TimeSpan.FromSeconds(60), _clock.Age(Start, 60_000));
    }

    [Fact]
    public void What_is_not_taken_yet_is_as_old_as_it_is_known_of()
    {
        _clock.Took(0, 0);
        _clock.Observe(next: 1, end: 2, Start);

        Assert.Equal(TimeSpan.FromSeconds(7), _clock.Age(Start + TimeSpan.FromSeconds(7), 3_600_000));
    }

    [Fact]
    public void A_partition_is_unmoved_since_it_last_got_on()
    {
        _clock.Observe(next: 1, end: 9, Start);
        _clock.Observe(next: 1, end: 9, Start + TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(6), _clock.Unmoved(Start + TimeSpan.FromSeconds(6)));

        _clock.Observe(next: 2, end: 9, Start + TimeSpan.FromSeconds(7));
        Assert.Equal(TimeSpan.FromSeconds(1), _clock.Unmoved(Start + TimeSpan.FromSeconds(8)));

        _clock.Observe(next: 9, end: 9, Start + TimeSpan.FromSeconds(9));
        _clock.Observe(next: 9, end: 10, Start + TimeSpan.FromSeconds(60));
        Assert.Equal(TimeSpan.FromSeconds(1), _clock.Unmoved(Start + TimeSpan.FromSeconds(61)));
    }
}
