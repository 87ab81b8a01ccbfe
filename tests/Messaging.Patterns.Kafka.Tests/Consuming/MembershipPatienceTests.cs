using Messaging.Patterns.Kafka.Consuming;

namespace Messaging.Patterns.Kafka.Tests.Consuming;

/// <summary>How long a static member bears with another one that has its id.</summary>
public sealed class MembershipPatienceTests
{
    private static readonly TimeSpan Session = TimeSpan.FromSeconds(45);

    private readonly MembershipPatience _patience = new(Session);

    [Fact]
    public void Who_is_not_let_in_asks_every_second_for_two_minutes()
    {
        for (var second = 0; second < 120; second++)
        {
            Assert.Equal(TimeSpan.FromSeconds(1), Refused(second));
        }

        Assert.Null(Refused(120));
    }

    [Fact]
    public void Who_was_let_in_meanwhile_has_its_patience_whole()
    {
        Assert.NotNull(Refused(0));
        Assert.NotNull(_patience.DelayAfter(Exclusion.Refused, wasMember: true, TimeSpan.FromSeconds(119)));
        Assert.NotNull(Refused(238));
        Assert.Null(Refused(239));
    }

    [Fact]
    public void Who_is_thrown_out_waits_for_the_end_of_a_session()
    {
        Assert.Equal(Session, ThrownOut(10));
        Assert.Equal(TimeSpan.FromSeconds(1), Refused(60));
    }

    [Fact]
    public void Who_is_thrown_out_twice_gives_up_unless_that_was_long_ago()
    {
        Assert.Equal(Session, ThrownOut(0));
        Assert.Equal(Session, ThrownOut(300));
        Assert.Null(ThrownOut(599));
    }

    private TimeSpan? Refused(int seconds) => _patience.DelayAfter(Exclusion.Refused, wasMember: false, TimeSpan.FromSeconds(seconds));

    private TimeSpan? ThrownOut(int seconds) => _patience.DelayAfter(Exclusion.ThrownOut, wasMember: true, TimeSpan.FromSeconds(seconds));
}
