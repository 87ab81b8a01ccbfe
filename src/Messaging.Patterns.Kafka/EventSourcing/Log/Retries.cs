namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>Runs actions after a short pause, so that a broker in trouble is not asked again at once.</summary>
internal sealed class Retries : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private List<Action> _waiting = [];
    private bool _armed;

    public Retries(TimeProvider time) => _timer = time.CreateTimer(_ => Run(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Schedule(Action action)
    {
        lock (_gate)
        {
            _waiting.Add(action);

            if (!_armed)
            {
                _armed = true;
                _timer.Change(Pause, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Run()
    {
        List<Action> due;

        lock (_gate)
        {
            (due, _waiting, _armed) = (_waiting, [], false);
        }

        foreach (var action in due)
        {
            action();
        }
    }
}
