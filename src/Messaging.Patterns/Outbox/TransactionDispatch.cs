using Messaging.Patterns.Outbox.Protocol;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Outbox;

/// <summary>Sends the rows of each bucket in transactions, under a transactional id of its own.</summary>
internal sealed class TransactionDispatch : RelayDispatch
{
    private readonly IRecordTransactions _transactions;
    private readonly OutboxRelayOptions _options;
    private readonly FencedBuckets _buckets;
    private readonly Dictionary<int, ITransactionalRecordProducer> _producers = [];
    private readonly List<Task> _running = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly HashSet<int> _fenced = [];
    private Dictionary<int, int> _sessionsRead = [];
    private string? _prefix;
    private int _ids;
    private bool _mustRenew;

    public TransactionDispatch(IRecordTransactions transactions, OutboxRelayOptions options, TimeProvider time, OutboxSignal work)
        : base(options, time, work)
    {
        (_transactions, _options) = (transactions, options);
        Queue = new(options.MaxHeldRows, options.MaxInFlight, isInTransactions: true);
        _buckets = new(Queue);
    }

    /// <summary>Gets or sets what hears that transactional ids could not be taken over, and why, or with <see langword="null"/> that one was.</summary>
    public Action<string?> Troubled { get; set; } = _ => { };

    /// <summary>Gets or sets what hears that another producer has taken over a transactional id, and whether the lease is this instance's all the same, again and again.</summary>
    public Action<TransactionalId, bool> Fenced { get; set; } = (_, _) => { };

    /// <summary>Gets or sets what hears of every transaction.</summary>
    public Action<TransactionStatus> Ended { get; set; } = _ => { };

    public override IReadOnlyCollection<int> Readable => Get(_ => Leases.IsValid(Now) ? _buckets.Readable.Select(one => one.Bucket).ToArray() : []);

    public override TimeSpan? NextAttempt => Get(queue => new[] { queue.NextAttempt, _buckets.NextAttempt(Now) }.Min());

    protected override RelayQueue Queue { get; }

    public override async Task PrepareAsync(IOutboxTable table, CancellationToken cancellationToken)
    {
        _ids = table.Buckets;
        _prefix = _options.TransactionalIdPrefix ?? $"messaging-outbox-{await table.GetIdentityAsync(cancellationToken).ConfigureAwait(false)}";
    }

    public override void Send()
    {
        var batches = new List<FencedBatch>();

        lock (Gate)
        {
            var now = Now;
            Queue.Wake(now);

            if (_closing.IsCancellationRequested || !Leases.IsValid(now))
            {
                return;
            }

            _buckets.TakeToOpen(Leases.Buckets, now).ForEach(one => Run(() => OpenAsync(one.Bucket, one.Session)));

            while (!IsPaused && _buckets.TakeBatch(now, _options.MaxRowsPerTransaction) is { } batch)
            {
                batches.Add(batch);
            }

            batches.ForEach(batch => Run(() => SendAsync(batch, _producers[batch.Bucket])));
        }
    }

    public override LeaseChange Renewed(LeaseAnswer answer, TimeSpan asked)
    {
        var isOurs = new List<int>();

        lock (Gate)
        {
            var change = base.Renewed(answer, asked);

            foreach (var bucket in change.Lost)
            {
                Close(bucket, _buckets.SessionOf(bucket), Now);
            }

            foreach (var bucket in _fenced.Where(bucket => Leases.TokenOf(bucket) is not null))
            {
                // Nobody else holds the lease: who was it? Lest two take the id from each other as fast as they can, this one waits.
                var failures = _buckets.Failed(bucket, _buckets.SessionOf(bucket));
                _buckets.Rest(bucket, Now + DelayAfter(failures));

                if (failures > 1)
                {
                    isOurs.Add(bucket);
                }
            }

            _fenced.Clear();
            isOurs.ForEach(bucket => Fenced(IdOf(bucket), true));
            return change;
        }
    }

    public override bool TakeMustReadAnew() => Get(_ => _buckets.TakeMustReadAnew());

    public override bool TakeMustRenew() => Interlocked.Exchange(ref _mustRenew, false);

    public override void BeginRead() => Tell(queue =>
    {
        queue.BeginRead();
        _sessionsRead = _buckets.Readable.ToDictionary();
    });

    public override void EndRead(IEnumerable<RelayRow> page) => Tell(queue => queue.EndRead(_buckets.Unsent(page, _sessionsRead)));

    public override void Deleted(List<RelayRow> rows)
    {
        Tell(queue =>
        {
            queue.Deleted(rows);
            _buckets.Deleted(rows);
        });
        Send();
    }

    public override async Task CloseAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);

        lock (Gate)
        {
            foreach (var bucket in _producers.Keys.ToList())
            {
                Close(bucket, _buckets.SessionOf(bucket), TimeSpan.MaxValue);
            }
        }

        while (Get(_ => _running.Find(task => !task.IsCompleted)) is { } running)
        {
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _closing.Dispose();
    }

    private TransactionalId IdOf(int bucket) => new(_prefix!, bucket, _ids);

    // Called under the lock, and done outside.
    private void Run(Func<Task> action)
    {
        _running.RemoveAll(task => task.IsCompleted);
        _running.Add(Task.Run(action));
    }

    private async Task OpenAsync(int bucket, int session)
    {
        try
        {
            var producer = await _transactions.OpenAsync(IdOf(bucket), _closing.Token).ConfigureAwait(false);

            if (!TakeOver(bucket, session, producer))
            {
                await producer.DisposeAsync().ConfigureAwait(false);
            }

            Troubled(null);
        }
        catch (Exception exception)
        {
            Get(_ =>
            {
                _buckets.NotOpened(bucket, session, Now + DelayAfter(_buckets.Failed(bucket, session)));
                return true;
            });

            if (!_closing.IsCancellationRequested)
            {
                Troubled(exception.Message);
            }
        }

        Stored.Set();
        Work.Set();
    }

    private bool TakeOver(int bucket, int session, ITransactionalRecordProducer producer)
    {
        lock (Gate)
        {
            if (_closing.IsCancellationRequested || !_buckets.Opened(bucket, session, producer.LastNote ?? default))
            {
                return false;
            }

            _producers[bucket] = producer;
            return true;
        }
    }

    private async Task SendAsync(FencedBatch batch, ITransactionalRecordProducer producer)
    {
        var outcome = await TrySendAsync(batch, producer).ConfigureAwait(false);

        if (outcome.Status is not (TransactionStatus.Committed or TransactionStatus.NotBegun))
        {
            // Whatever it still has to send goes with it.
            await producer.DisposeAsync().ConfigureAwait(false);
        }

        lock (Gate)
        {
            Ends(batch, outcome);
        }

        Ended(outcome.Status);
        Stored.Set();
        Work.Set();
        Tell(batch, outcome);
        Send();
    }

    private static async Task<TransactionOutcome> TrySendAsync(FencedBatch batch, ITransactionalRecordProducer producer)
    {
        try
        {
            return await producer.SendAsync([.. batch.Rows.Select(row => row.Record!)], batch.Note, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            return new(TransactionStatus.Unknown, exception.Message);
        }
    }

    private void Ends(FencedBatch batch, TransactionOutcome outcome)
    {
        switch (outcome.Status)
        {
            // Committed first, then deleted: a crash in between leaves rows that the note names, and whoever takes the id over deletes them.
            case TransactionStatus.Committed:
                _buckets.Committed(batch);
                break;
            case TransactionStatus.Aborted or TransactionStatus.NotBegun:
                Abort(batch, outcome);
                break;
            default:
                Lose(batch, outcome.Status == TransactionStatus.Fenced);
                break;
        }
    }

    private void Abort(FencedBatch batch, TransactionOutcome outcome)
    {
        var isBegun = outcome.Status == TransactionStatus.Aborted;

        if (isBegun && _buckets.SessionOf(batch.Bucket) == batch.Session)
        {
            _producers.Remove(batch.Bucket);
        }

        var failures = Math.Max(_buckets.Failed(batch.Bucket, batch.Session), batch.Rows[0].Failures);
        _buckets.Aborted(batch, isBegun, outcome.Blamed, IsMissingTooLong, Now + DelayAfter(failures));
    }

    private void Lose(FencedBatch batch, bool isFenced)
    {
        var isCurrent = _buckets.SessionOf(batch.Bucket) == batch.Session;

        if (isCurrent)
        {
            _producers.Remove(batch.Bucket);
        }

        if (isCurrent && isFenced)
        {
            // Whoever has the id has the lease, most likely, and this instance was paused: it asks, before it takes anything back.
            _fenced.Add(batch.Bucket);
            _mustRenew = true;
            _buckets.Lost(batch, TimeSpan.MaxValue);
            Fenced(IdOf(batch.Bucket), false);
        }
        else
        {
            _buckets.Lost(batch, Now + DelayAfter(_buckets.Failed(batch.Bucket, batch.Session)));
        }
    }

    // The lease went, or its transactional id could not be taken over. A transaction that is under way comes to its end first, whatever it is.
    private void Close(int bucket, int session, TimeSpan restsUntil)
    {
        if (_buckets.SessionOf(bucket) == session && _producers.Remove(bucket, out var producer))
        {
            Run(async () => await producer.DisposeAsync().ConfigureAwait(false));
        }

        _buckets.Close(bucket, session, restsUntil);
    }

    private void Tell(FencedBatch batch, TransactionOutcome outcome)
    {
        var status = outcome.Status == TransactionStatus.Committed ? RecordStatus.Acknowledged : RecordStatus.Unknown;

        for (var place = 0; place < batch.Rows.Count; place++)
        {
            if (outcome.Blamed.TryGetValue(place, out var blamed))
            {
                Told(batch.Rows[place], blamed);
            }
            else if (outcome.Blamed.Count == 0 && outcome.Status != TransactionStatus.Fenced)
            {
                Told(batch.Rows[place], new(status, outcome.Reason));
            }
        }
    }
}
