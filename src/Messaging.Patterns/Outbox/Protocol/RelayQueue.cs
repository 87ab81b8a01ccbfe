using System.Diagnostics.CodeAnalysis;

namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>
/// What an instance of the relay holds between reading and deleting. Pure: told what happened, it says what to send, to delete and to park. Not thread-safe.
/// </summary>
/// <remarks>
/// The rule that keeps the order: <b>a row is sent only once every row of its key that this instance has read before it is acknowledged, or set aside.</b>
/// Rows of a key that were not read are either deleted, which whoever did so had acknowledged, or behind. So each instance sends every key from a place where
/// everything before is stored, in order and without gaps; whatever instances that overlap mix in the log, the first occurrence of a row comes before the first
/// occurrence of the next. Leases spare the repetitions, the order does not need them.
/// <para>
/// A database that was started anew may have gone back: by deletions, which need not be on disk when they are answered, or, where a copy took over that was behind,
/// by all that was written last. Then rows are there again that were deleted, and <b>the number of a row that is held may be another row's</b>. So whatever was read
/// in an earlier <i>run</i> of the database is neither held nor deleted in a later one: it is read anew, and repeated if it is still there.
/// </para>
/// </remarks>
/// <param name="maxHeld">How many rows are held at most.</param>
/// <param name="maxInFlight">How many rows are under way to the broker at most.</param>
/// <param name="isInTransactions">Whether rows of a bucket go together, in a transaction that is stored as a whole or not at all.</param>
internal sealed partial class RelayQueue(int maxHeld, int maxInFlight, bool isInTransactions = false)
{
    // Rows of different buckets stand in one line, unless they never go together.
    private const int OneLine = 0;

    private readonly Dictionary<string, KeyChain> _chains = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Queue<KeyChain>> _ready = [];
    private readonly PriorityQueue<KeyChain, TimeSpan> _delayed = new();
    private readonly HashSet<long> _held = [];

    // Deleted while a page was being read that may show them still.
    private readonly HashSet<long> _deletedMeanwhile = [];
    private readonly Dictionary<int, int> _busy = [];
    private List<RelayRow> _stored = [];
    private bool _isReading;

    /// <summary>Gets the run of the database from which rows are held, as it names it.</summary>
    public string? Run { get; private set; }

    /// <summary>Gets how many rows are held; those that are stored and not yet deleted among them.</summary>
    public int Held => _held.Count;

    /// <summary>Gets the lowest id that is held, if any is.</summary>
    public long? LowestId => _held.Count == 0 ? null : _held.Min();

    /// <summary>Gets how many rows are under way to the broker.</summary>
    public int InFlight { get; private set; }

    /// <summary>Gets how many rows are stored and not yet deleted, apart from those being deleted.</summary>
    public int Stored => _stored.Count;

    /// <summary>Gets how many more rows may be read.</summary>
    public int Room => Math.Max(0, maxHeld - _held.Count);

    /// <summary>Gets the rows that were refused for good, to be parked.</summary>
    public Queue<RelayRow> Refused { get; } = new();

    /// <summary>Gets when the next delayed row is to be sent again, if there is one.</summary>
    public TimeSpan? NextAttempt => _delayed.TryPeek(out _, out var at) ? at : null;

    /// <summary>Returns whether a row of a bucket is under way, or stored and not yet deleted.</summary>
    public bool IsBusy(int bucket) => _busy.GetValueOrDefault(bucket) > 0;

    /// <summary>A read begins: what is deleted from now on may be on its page.</summary>
    public void BeginRead() => _isReading = true;

    /// <summary>A read ended without a page.</summary>
    public void EndRead()
    {
        _isReading = false;
        _deletedMeanwhile.Clear();
    }

    /// <summary>A read ended with a page, in the order of ids. What is held already, as after a new start of reading, is passed over.</summary>
    public void EndRead(IEnumerable<RelayRow> page)
    {
        foreach (var row in page)
        {
            if (!_deletedMeanwhile.Contains(row.Id) && _held.Add(row.Id))
            {
                Add(row);
            }
        }

        EndRead();
    }

    /// <summary>Returns the next row to send, if one may be.</summary>
    public RelayRow? TakeNext()
    {
        var line = LineOf(OneLine);

        while (InFlight < maxInFlight && TryDequeue(line, out var chain))
        {
            if (chain.Rows.TryPeek(out var row))
            {
                chain.State = ChainState.Sending;
                Begin(row);
                return row;
            }
        }

        return null;
    }

    /// <summary>A row is stored.</summary>
    public void Acknowledged(RelayRow row)
    {
        if (IsOfEarlierRun(row))
        {
            End(row);
            return;
        }

        InFlight--;
        _stored.Add(row);

        if (!row.IsAbandoned)
        {
            Advance(_chains[row.Key]);
        }
    }

    /// <summary>A row is not stored, or may be: it is sent again, and its key waits until then.</summary>
    public void Failed(RelayRow row, string? reason, TimeSpan nextAttempt)
    {
        End(row);
        (row.Failures, row.Reason) = (row.Failures + 1, reason);

        if (!row.IsAbandoned)
        {
            var chain = _chains[row.Key];
            chain.State = ChainState.Delayed;
            _delayed.Enqueue(chain, nextAttempt);
        }
    }

    /// <summary>A row can never be stored: it is to be parked, and its key waits until it is.</summary>
    public void Refuse(RelayRow row, string? reason)
    {
        End(row);
        row.Reason = reason;

        if (!row.IsAbandoned)
        {
            _chains[row.Key].State = ChainState.Parking;
            Refused.Enqueue(row);
        }
    }

    /// <summary>A refused row is parked, or is gone. Those behind it follow, or wait with it: then they are forgotten here and stay in the table.</summary>
    public void Parked(RelayRow row, bool othersFollow)
    {
        if (row.IsAbandoned)
        {
            return;
        }

        var chain = _chains[row.Key];

        if (othersFollow)
        {
            _held.Remove(row.Id);
            Advance(chain);
        }
        else
        {
            Forget(chain);
        }
    }

    /// <summary>Time passed: delayed rows whose time has come are ready.</summary>
    public void Wake(TimeSpan now)
    {
        while (_delayed.TryPeek(out var chain, out var at) && at <= now)
        {
            _delayed.Dequeue();

            if (chain.State == ChainState.Delayed && chain.Rows.Count > 0)
            {
                MakeReady(chain);
            }
        }
    }

    /// <summary>Takes rows that are stored, to delete them.</summary>
    public List<RelayRow> TakeStored(int atMost)
    {
        var taken = _stored;

        if (taken.Count <= atMost)
        {
            _stored = [];
            return taken;
        }

        _stored = taken.GetRange(atMost, taken.Count - atMost);
        return taken.GetRange(0, atMost);
    }

    /// <summary>Rows are deleted.</summary>
    public void Deleted(List<RelayRow> rows)
    {
        foreach (var row in rows)
        {
            _busy[row.Bucket]--;

            if (IsOfEarlierRun(row))
            {
                continue;
            }

            if (!row.IsAbandoned)
            {
                _held.Remove(row.Id);
            }

            if (_isReading)
            {
                _deletedMeanwhile.Add(row.Id);
            }
        }
    }

    /// <summary>Rows could not be deleted, or it is not known: they are deleted again, which does no harm.</summary>
    public void NotDeleted(List<RelayRow> rows)
    {
        foreach (var row in rows)
        {
            if (IsOfEarlierRun(row))
            {
                _busy[row.Bucket]--;
            }
            else
            {
                _stored.Add(row);
            }
        }
    }

    /// <summary>The database is in another run than before. In transactions it has every deletion still, so what is stored is deleted as before.</summary>
    public void Follow(string run)
    {
        if (run == Run)
        {
            return;
        }

        Release(_ => true);
        Run = run;

        // What is under way, or being deleted, is heard of later.
        if (!isInTransactions)
        {
            NotDeleted(TakeStored(int.MaxValue));
            _held.Clear();
        }
    }

    /// <summary>The lease of a bucket went: whoever holds it reads its rows anew. What is under way stays under way.</summary>
    public void Release(Predicate<int> bucket)
    {
        foreach (var chain in _chains.Values.Where(chain => bucket(chain.Rows.Peek().Bucket)).ToList())
        {
            Forget(chain);
        }

        foreach (var row in _stored.Where(row => bucket(row.Bucket)))
        {
            row.IsAbandoned = true;
            _held.Remove(row.Id);
        }
    }

    private bool IsOfEarlierRun(RelayRow row) => !isInTransactions && row.Run != Run;

    private void Begin(RelayRow row)
    {
        InFlight++;
        _busy[row.Bucket] = _busy.GetValueOrDefault(row.Bucket) + 1;
    }

    private void End(RelayRow row)
    {
        InFlight--;
        _busy[row.Bucket]--;
    }

    private void Add(RelayRow row)
    {
        if (!_chains.TryGetValue(row.Key, out var chain))
        {
            _chains[row.Key] = chain = new KeyChain(row.Key);
        }

        row.Run = Run;
        chain.Rows.Enqueue(row);

        if (chain.Rows.Count == 1)
        {
            MakeReady(chain);
        }
    }

    private void MakeReady(KeyChain chain)
    {
        chain.State = ChainState.Ready;

        if (!chain.IsInLine)
        {
            chain.IsInLine = true;
            LineOf(isInTransactions ? chain.Rows.Peek().Bucket : OneLine).Enqueue(chain);
        }
    }

    private Queue<KeyChain> LineOf(int bucket) => _ready.TryGetValue(bucket, out var line) ? line : _ready[bucket] = new();

    /// <summary>Takes the next chain that is ready. One that was dropped, or waits again, is still in line.</summary>
    private static bool TryDequeue(Queue<KeyChain> line, [NotNullWhen(true)] out KeyChain? ready)
    {
        while (line.TryDequeue(out ready))
        {
            ready.IsInLine = false;

            if (ready is { State: ChainState.Ready, Rows.Count: > 0 })
            {
                return true;
            }
        }

        return false;
    }

    private void Advance(KeyChain chain)
    {
        chain.Rows.Dequeue();

        if (chain.Rows.Count > 0)
        {
            MakeReady(chain);
        }
        else
        {
            _chains.Remove(chain.Key);
        }
    }

    private void Forget(KeyChain chain)
    {
        foreach (var row in chain.Rows)
        {
            row.IsAbandoned = true;
            _held.Remove(row.Id);
        }

        chain.Rows.Clear();
        _chains.Remove(chain.Key);
    }
}
