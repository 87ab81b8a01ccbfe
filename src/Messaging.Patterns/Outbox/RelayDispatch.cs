using Messaging.Patterns.Outbox.Protocol;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Outbox;

/// <summary>The relay's queue and leases under one lock, and the sending of what is ready.</summary>
internal sealed class RelayDispatch(IRecordProducer producer, OutboxRelayOptions options, TimeProvider time, OutboxSignal work) : IDisposable
{
    // A record that is refused at once is told before the call returns; then the one who sends goes on, and not the one who hears of it.
    [ThreadStatic]
    private static bool _isSending;

    private readonly Lock _gate = new();
    private readonly long _started = time.GetTimestamp();
    private readonly RelayQueue _queue = new(options.MaxHeldRows, options.MaxInFlight);
    private readonly LeaseSet _leases = new(options.LeaseDuration);
    private bool _isPaused;
    private bool _isReaderWaiting;

    /// <summary>Gets what wakes whoever reads: rows were written, there is room, a row was refused.</summary>
    public OutboxSignal Work { get; } = work;

    /// <summary>Gets what wakes whoever deletes.</summary>
    public OutboxSignal Stored { get; } = new();

    /// <summary>Gets the time since the start, by a clock that nobody sets.</summary>
    public TimeSpan Now => time.GetElapsedTime(_started);

    /// <summary>Gets or sets what hears of every outcome.</summary>
    public Action<RelayRow, RecordOutcome> Told { get; set; } = (_, _) => { };

    /// <summary>Gets or sets whether nothing more is sent.</summary>
    public bool IsPaused
    {
        get => Volatile.Read(ref _isPaused);
        set => Volatile.Write(ref _isPaused, value);
    }

    /// <summary>Gets or sets whether reading waits until there is room.</summary>
    public bool IsReaderWaiting
    {
        get => Volatile.Read(ref _isReaderWaiting);
        set => Volatile.Write(ref _isReaderWaiting, value);
    }

    public int Room => Get(queue => queue.Room);

    /// <summary>Gets the buckets that are leased; none when the leases have run out.</summary>
    public IReadOnlyCollection<int> Buckets => Get(_ => _leases.IsValid(Now) ? _leases.Buckets.ToArray() : []);

    public long? TokenOf(int bucket) => Get(_ => _leases.TokenOf(bucket));

    /// <summary>The database answered a renewal that was asked for at that time.</summary>
    public LeaseChange Renewed(LeaseAnswer answer, TimeSpan asked)
    {
        lock (_gate)
        {
            var change = _leases.Renewed(answer.Granted, asked);
            _queue.Release(change.Lost.Contains);
            return change;
        }
    }

    /// <summary>Looks at the queue under its lock.</summary>
    public T Get<T>(Func<RelayQueue, T> look)
    {
        lock (_gate)
        {
            return look(_queue);
        }
    }

    /// <summary>Tells the queue something under its lock.</summary>
    public void Tell(Action<RelayQueue> tell)
    {
        lock (_gate)
        {
            tell(_queue);
        }
    }

    /// <summary>Sends what is ready.</summary>
    public void Send()
    {
        if (_isSending)
        {
            return;
        }

        _isSending = true;

        try
        {
            while (TakeNext() is { } row)
            {
                producer.Send(row.Record!, outcome => Completed(row, outcome));
            }
        }
        finally
        {
            _isSending = false;
        }
    }

    public void Dispose() => Stored.Dispose();

    private RelayRow? TakeNext()
    {
        lock (_gate)
        {
            var now = Now;
            _queue.Wake(now);
            return IsPaused || !_leases.IsValid(now) ? null : _queue.TakeNext();
        }
    }

    private void Completed(RelayRow row, RecordOutcome outcome)
    {
        lock (_gate)
        {
            switch (outcome.Status)
            {
                case RecordStatus.Acknowledged:
                    _queue.Acknowledged(row);
                    break;
                case RecordStatus.Refused:
                case RecordStatus.NoTopic when IsMissingTooLong(row):
                    _queue.Refuse(row, outcome.Reason);
                    break;
                default:
                    _queue.Failed(row, outcome.Reason, Now + DelayAfter(row.Failures));
                    break;
            }
        }

        (outcome.Status == RecordStatus.Acknowledged ? Stored : Work).Set();
        Told(row, outcome);
        Send();
    }

    // A topic may be created a little later than the first event for it. Whoever takes the row over begins to wait anew.
    private bool IsMissingTooLong(RelayRow row) => Now - (row.MissingSince ??= Now) >= options.MissingTopicTimeout;

    private TimeSpan DelayAfter(int failures) =>
        TimeSpan.FromTicks(Math.Min(options.MaxRetryDelay.Ticks, options.RetryDelay.Ticks << Math.Min(failures, 20)));
}
