using Messaging.Patterns.Outbox.Protocol;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Outbox;

/// <summary>The relay's queue and leases under one lock, and the sending of what is ready.</summary>
/// <param name="options">The options.</param>
/// <param name="time">The clock.</param>
/// <param name="work">What wakes whoever reads: rows were written, there is room, a row was refused.</param>
internal abstract class RelayDispatch(OutboxRelayOptions options, TimeProvider time, OutboxSignal work) : IDisposable
{
    private readonly long _started = time.GetTimestamp();
    private bool _isPaused;
    private bool _isCutOff;
    private bool _isReaderWaiting;

    /// <summary>Gets what wakes whoever reads.</summary>
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

    /// <summary>
    /// Gets or sets whether the database does not answer. What is sent meanwhile could not be deleted, and would be sent once more if the database was started anew.
    /// </summary>
    public bool IsCutOff
    {
        get => Volatile.Read(ref _isCutOff);
        set => Volatile.Write(ref _isCutOff, value);
    }

    /// <summary>Gets or sets whether reading waits until there is room.</summary>
    public bool IsReaderWaiting
    {
        get => Volatile.Read(ref _isReaderWaiting);
        set => Volatile.Write(ref _isReaderWaiting, value);
    }

    public int Room => Get(queue => queue.Room);

    /// <summary>Gets the buckets that are leased; none when the leases have run out.</summary>
    public IReadOnlyCollection<int> Buckets => Get(_ => Leases.IsValid(Now) ? Leases.Buckets.ToArray() : []);

    /// <summary>Gets those of which rows may be read.</summary>
    public virtual IReadOnlyCollection<int> Readable => Buckets;

    /// <summary>Gets when something that failed is tried again, if it is.</summary>
    public virtual TimeSpan? NextAttempt => Get(queue => queue.NextAttempt);

    protected abstract RelayQueue Queue { get; }

    protected Lock Gate { get; } = new();

    protected LeaseSet Leases { get; } = new(options.LeaseDuration);

    public long? TokenOf(int bucket) => Get(_ => Leases.TokenOf(bucket));

    /// <summary>Gets ready to send the rows of a table.</summary>
    public virtual Task PrepareAsync(IOutboxTable table, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sends what is ready.</summary>
    public abstract void Send();

    /// <summary>Lets go of whatever sends.</summary>
    public virtual Task CloseAsync() => Task.CompletedTask;

    /// <summary>Gets the run of the database from which rows are held.</summary>
    public string? DatabaseRun => Get(queue => queue.Run);

    /// <summary>The database answered a renewal that was asked for at that time. If it is another run of it, nothing that was known before holds any more.</summary>
    public virtual LeaseChange Renewed(LeaseAnswer answer, TimeSpan asked)
    {
        lock (Gate)
        {
            var change = Leases.Renewed(answer.Granted, asked);
            Queue.Release(change.Lost.Contains);
            Queue.Follow(answer.Run);
            return change;
        }
    }

    /// <summary>Returns, once, whether the table is to be read from its first row.</summary>
    public virtual bool TakeMustReadAnew() => false;

    /// <summary>Returns, once, whether the leases are to be renewed at once.</summary>
    public virtual bool TakeMustRenew() => false;

    /// <summary>A read begins.</summary>
    public virtual void BeginRead() => Tell(queue => queue.BeginRead());

    /// <summary>A read ended with rows.</summary>
    public virtual void EndRead(IEnumerable<RelayRow> page) => Tell(queue => queue.EndRead(page));

    /// <summary>Rows are deleted.</summary>
    public virtual void Deleted(List<RelayRow> rows) => Tell(queue => queue.Deleted(rows));

    /// <summary>Looks at the queue under its lock.</summary>
    public T Get<T>(Func<RelayQueue, T> look)
    {
        lock (Gate)
        {
            return look(Queue);
        }
    }

    /// <summary>Tells the queue something under its lock.</summary>
    public void Tell(Action<RelayQueue> tell)
    {
        lock (Gate)
        {
            tell(Queue);
        }
    }

    public virtual void Dispose() => Stored.Dispose();

    // A topic may be created a little later than the first event for it. Whoever takes the row over begins to wait anew.
    protected bool IsMissingTooLong(RelayRow row) => Now - (row.MissingSince ??= Now) >= options.MissingTopicTimeout;

    protected TimeSpan DelayAfter(int failures) =>
        TimeSpan.FromTicks(Math.Min(options.MaxRetryDelay.Ticks, options.RetryDelay.Ticks << Math.Min(failures, 20)));
}
