namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Says how old the first record is that a partition has not handled, and for how long it has not got on. Pure; the caller locks.</summary>
/// <remarks>Of the records that were taken one a second is remembered, by their own time, so the age is exact to about a second. A record that was not taken yet is as old as it is known of.</remarks>
internal sealed class LagClock
{
    private const long SampleEvery = 1_000;

    private readonly Queue<(long Offset, long Time)> _samples = new();
    private long _lastSample = long.MinValue;
    private long _lastTaken = -1;
    private long _next;
    private TimeSpan? _behindSince;

    /// <summary>A record was taken.</summary>
    /// <param name="offset">Its offset.</param>
    /// <param name="time">Its time in milliseconds since 1970.</param>
    public void Took(long offset, long time)
    {
        _lastTaken = offset;

        if (time >= _lastSample + SampleEvery || _samples.Count == 0)
        {
            _samples.Enqueue((offset, time));
            _lastSample = time;
        }
    }

    /// <summary>Looks where the partition is.</summary>
    /// <param name="next">Everything before this offset is handled.</param>
    /// <param name="end">Where the partition ends.</param>
    /// <param name="now">The time on a clock that never goes back.</param>
    public void Observe(long next, long end, TimeSpan now)
    {
        _behindSince = next >= end ? null : next != _next || _behindSince is null ? now : _behindSince;
        _next = next;

        while (_samples.Count > 1 && _samples.ElementAt(1).Offset <= next)
        {
            _samples.Dequeue();
        }
    }

    /// <summary>Returns for how long the partition has not got on although there are records; zero if it has, or there are none.</summary>
    public TimeSpan Unmoved(TimeSpan now) => _behindSince is { } since ? now - since : TimeSpan.Zero;

    /// <summary>Returns how old the first record is that is not handled; zero if there is none.</summary>
    /// <param name="now">The time on the clock of <see cref="Observe"/>.</param>
    /// <param name="time">The time in milliseconds since 1970.</param>
    public TimeSpan Age(TimeSpan now, long time)
    {
        var isTaken = _next <= _lastTaken && _samples.TryPeek(out var first) && first.Offset <= _next;
        var unmoved = Unmoved(now);
        return _behindSince is null || !isTaken ? unmoved : TimeSpan.FromMilliseconds(Math.Max(unmoved.TotalMilliseconds, time - _samples.Peek().Time));
    }
}
