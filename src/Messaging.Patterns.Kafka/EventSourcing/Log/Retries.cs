namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>Runs actions after a pause: short enough for a caller who waits, long enough that a broker in trouble is not asked again at once.</summary>
internal sealed class Retries : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private readonly PriorityQueue<Action, (long Due, long Order)> _waiting = new();
    private long _order;
    private long _armedFor = long.MaxValue;

    public Retries(TimeProvider time) =>
        (_time, _timer) = (time, time.CreateTimer(_ => Run(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));

    /// <summary>Runs an action after the usual pause.</summary>
    public void Schedule(Action action) => Schedule(action, Pause);

    /// <summary>Runs an action after a pause.</summary>
    public void Schedule(Action action, TimeSpan pause)
    {
        lock (_gate)
        {
            _waiting.Enqueue(action, (_time.GetTimestamp() + (long)(pause.TotalSeconds * _time.TimestampFrequency), _order++));
            Arm();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Run()
    {
        var due = new List<Action>();

        lock (_gate)
        {
            _armedFor = long.MaxValue;

            while (_waiting.TryPeek(out var action, out var at) && at.Due <= _time.GetTimestamp())
            {
                _waiting.Dequeue();
                due.Add(action);
            }

            Arm();
        }

        foreach (var action in due)
        {
            action();
        }
    }

    private void Arm()
    {
        if (_waiting.TryPeek(out _, out var first) && first.Due < _armedFor)
        {
            // A timer counts whole milliseconds: rounded down it would run too early, find nothing due, and again.
            var left = Math.Max(0, _time.GetElapsedTime(_time.GetTimestamp(), first.Due).TotalMilliseconds);
            _armedFor = first.Due;
            _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(left)), Timeout.InfiniteTimeSpan);
        }
    }
}
