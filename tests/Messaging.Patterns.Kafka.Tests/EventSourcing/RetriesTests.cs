using Messaging.Patterns.ContractTests;
using Messaging.Patterns.Kafka.EventSourcing.Log;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing;

public sealed class RetriesTests
{
    private readonly ManualClock _clock = new();
    private readonly List<string> _done = [];

    [Fact]
    public void What_is_scheduled_runs_once_after_the_pause_in_order()
    {
        using var retries = new Retries(_clock);
        retries.Schedule(() => _done.Add("a"));
        retries.Schedule(() => _done.Add("b"));

        _clock.Advance(TimeSpan.FromMilliseconds(49));
        Assert.Empty(_done);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["a", "b"], _done);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["a", "b"], _done);
    }

    [Fact]
    public void Each_action_has_its_own_pause()
    {
        using var retries = new Retries(_clock);
        retries.Schedule(() => _done.Add("usual"));
        retries.Schedule(() => _done.Add("long"), TimeSpan.FromMilliseconds(256));
        retries.Schedule(() => _done.Add("short"), TimeSpan.FromMilliseconds(8));

        _clock.Advance(TimeSpan.FromMilliseconds(8));
        Assert.Equal(["short"], _done);
        _clock.Advance(TimeSpan.FromMilliseconds(42));
        Assert.Equal(["short", "usual"], _done);
        _clock.Advance(TimeSpan.FromMilliseconds(206));
        Assert.Equal(["short", "usual", "long"], _done);
    }

    [Fact]
    public void What_is_scheduled_later_waits_for_its_own_pause()
    {
        using var retries = new Retries(_clock);
        retries.Schedule(() => _done.Add("a"));
        _clock.Advance(TimeSpan.FromMilliseconds(30));
        retries.Schedule(() => _done.Add("b"));

        _clock.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(["a"], _done);
        _clock.Advance(TimeSpan.FromMilliseconds(30));
        Assert.Equal(["a", "b"], _done);
    }

    [Fact]
    public void What_schedules_itself_again_waits_again()
    {
        using var retries = new Retries(_clock);
        retries.Schedule(Again);

        for (var round = 1; round <= 3; round++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(50));
            Assert.Equal(round, _done.Count);
        }

        void Again()
        {
            _done.Add("again");
            retries.Schedule(Again);
        }
    }

    [Fact]
    public void After_the_end_nothing_runs()
    {
        var retries = new Retries(_clock);
        retries.Schedule(() => _done.Add("late"));
        retries.Dispose();

        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Empty(_done);
    }
}
