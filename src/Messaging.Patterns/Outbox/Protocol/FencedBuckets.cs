using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>
/// The buckets whose rows go in transactions, each under a transactional id of its own. Pure: told what happened, it says what to open and what to send. Not
/// thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// The rule that sends every row once: <b>a bucket's rows are read only after its transactional id was taken over, and every transaction notes which rows of the
/// bucket are in Kafka with it and may still be in the table.</b> Taking an id over settles what was sent under it and ends what others may send. So whoever has
/// taken it over finds every row that it reads either noted, and deletes it, or unsent.
/// </para>
/// <para>
/// A row leaves the note only when the database has answered that it is deleted; then nobody who reads the table later finds it. Leases spare that instances
/// take ids from each other; nothing here rests on them.
/// </para>
/// </remarks>
internal sealed class FencedBuckets(RelayQueue queue)
{
    // What one note may name, so that it stays far below what a broker takes as a record.
    private const int MaxCommitted = 10_000;

    private readonly Dictionary<int, FencedBucket> _buckets = [];
    private readonly Queue<int> _turns = new();
    private bool _mustReadAnew;

    /// <summary>Gets the buckets whose rows may be read, each with its session.</summary>
    public IEnumerable<(int Bucket, int Session)> Readable =>
        _buckets.Where(one => one.Value.State is BucketState.Open or BucketState.Sending).Select(one => (one.Key, one.Value.Session));

    /// <summary>Gets how many buckets are open.</summary>
    public int Open => Readable.Count();

    /// <summary>Returns, once, whether the table is to be read from its first row.</summary>
    public bool TakeMustReadAnew()
    {
        var taken = _mustReadAnew;
        _mustReadAnew = false;
        return taken;
    }

    /// <summary>Returns when a bucket that rests is tried again, if one is.</summary>
    public TimeSpan? NextAttempt(TimeSpan now) =>
        _buckets.Values.Select(one => one.RestsUntil).Where(until => until > now && until < TimeSpan.MaxValue).Cast<TimeSpan?>().Min();

    /// <summary>Nothing is tried for a bucket before a time.</summary>
    public void Rest(int bucket, TimeSpan until) => Find(bucket).RestsUntil = until;

    /// <summary>Takes the buckets whose transactional ids are to be taken over.</summary>
    public List<(int Bucket, int Session)> TakeToOpen(IEnumerable<int> leased, TimeSpan now)
    {
        var taken = new List<(int, int)>();

        foreach (var bucket in leased)
        {
            if (Find(bucket) is { State: BucketState.Closed } one && one.RestsUntil <= now)
            {
                one.State = BucketState.Opening;
                taken.Add((bucket, one.Session));
            }
        }

        return taken;
    }

    /// <summary>The transactional id is taken over. Returns whether that is wanted still.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="session">The session that was to be opened.</param>
    /// <param name="note">What the last transaction under the id noted; empty if there was none.</param>
    /// <exception cref="FormatException">It is no such note.</exception>
    public bool Opened(int bucket, int session, ReadOnlyMemory<byte> note)
    {
        if (Current(bucket, session) is not { State: BucketState.Opening } one)
        {
            return false;
        }

        // Each note names rows that no note before it did. So if it is still the same, nobody has committed anything since.
        if (!(one.IsKept && note.Span.SequenceEqual(one.LastNote.Span)))
        {
            Forget(bucket, one);
            one.Committed.UnionWith(note.IsEmpty ? [] : CommittedRows.Read(note.Span));
            queue.AddStored(bucket, one.Committed);
        }

        (one.State, one.LastNote, one.IsKept) = (BucketState.Open, note, false);

        if (!_turns.Contains(bucket))
        {
            _turns.Enqueue(bucket);
        }

        _mustReadAnew = true;
        return true;
    }

    /// <summary>The transactional id could not be taken over.</summary>
    public void NotOpened(int bucket, int session, TimeSpan restsUntil)
    {
        if (Current(bucket, session) is { State: BucketState.Opening } one)
        {
            (one.State, one.RestsUntil) = (BucketState.Closed, restsUntil);
        }
    }

    /// <summary>Something failed for a bucket. Returns how often without a success in between.</summary>
    public int Failed(int bucket, int session) => Current(bucket, session) is { } one ? one.Failures++ : 0;

    /// <summary>Whoever has the transactional id is not known, or another one: what is held of the bucket is forgotten, and it is opened anew.</summary>
    public void Close(int bucket, int session, TimeSpan restsUntil)
    {
        if (Current(bucket, session) is { } one)
        {
            (one.State, one.RestsUntil, one.IsKept) = (BucketState.Closed, restsUntil, false);
            one.Session++;
            Forget(bucket, one);
        }
    }

    /// <summary>Takes what goes in the next transaction, if something does.</summary>
    public FencedBatch? TakeBatch(TimeSpan now, int atMost)
    {
        for (var turns = _turns.Count; turns > 0; turns--)
        {
            var bucket = _turns.Dequeue();
            var one = Find(bucket);
            _turns.Enqueue(bucket);

            if (one.State == BucketState.Open && one.RestsUntil <= now && one.Committed.Count < MaxCommitted && queue.TakeBatch(bucket, atMost) is { Count: > 0 } rows)
            {
                one.State = BucketState.Sending;
                one.UnderWay = rows.Select(row => row.Id).ToHashSet();
                return new(bucket, one.Session, rows, CommittedRows.Write(new SortedSet<long>(one.Committed.Concat(one.UnderWay))));
            }
        }

        return null;
    }

    /// <summary>A transaction is committed: its rows are to be deleted.</summary>
    public void Committed(FencedBatch batch)
    {
        if (Current(batch.Bucket, batch.Session) is { } one)
        {
            (one.State, one.Failures, one.LastNote) = (BucketState.Open, 0, batch.Note);
            one.Committed.UnionWith(one.UnderWay);
            one.UnderWay = new HashSet<long>();
        }

        foreach (var row in batch.Rows)
        {
            queue.Acknowledged(row);
        }
    }

    /// <summary>A transaction was aborted, or not begun: nothing of it is stored. Whoever aborts has to take the id over anew. Records that were to blame are sent apart from now on, or parked if they were alone.</summary>
    /// <param name="batch">The transaction.</param>
    /// <param name="isBegun">Whether it was begun.</param>
    /// <param name="blamed">The places of the records that were to blame, each with what became of it; none if it was none of them.</param>
    /// <param name="isMissingTooLong">Says whether a row is not to wait for its topic any longer.</param>
    /// <param name="nextAttempt">When what failed is tried again.</param>
    public void Aborted(FencedBatch batch, bool isBegun, IReadOnlyDictionary<int, RecordOutcome> blamed, Predicate<RelayRow> isMissingTooLong, TimeSpan nextAttempt)
    {
        if (Current(batch.Bucket, batch.Session) is { } one)
        {
            (one.State, one.IsKept) = isBegun ? (BucketState.Closed, true) : (BucketState.Open, false);
            one.Session += isBegun ? 1 : 0;
            one.UnderWay = new HashSet<long>();
            one.RestsUntil = blamed.Count == 0 ? nextAttempt : one.RestsUntil;

            if (batch.Rows.Any(row => row.IsAbandoned))
            {
                // Nobody holds them any more, and they were passed over when they were read in the meantime: those of their keys behind them must not go without them.
                queue.Release(bucket => bucket == batch.Bucket);
                _mustReadAnew = true;

                // Nor rows of a page that was asked for before: it is of an earlier session.
                one.Session++;
            }
        }

        // The first row of a key comes last: what becomes of the key is what becomes of it.
        for (var place = batch.Rows.Count - 1; place >= 0; place--)
        {
            Return(batch.Rows[place], blamed.GetValueOrDefault(place), blamed.Count, batch.Rows.Count == 1, isMissingTooLong, nextAttempt);
        }
    }

    /// <summary>Whether a transaction is committed is not known, or the transactional id is another's. Nothing is sent until it is taken over anew, which settles it.</summary>
    public void Lost(FencedBatch batch, TimeSpan restsUntil)
    {
        Close(batch.Bucket, batch.Session, restsUntil);

        foreach (var row in batch.Rows)
        {
            queue.Returned(row);
        }
    }

    /// <summary>Rows are deleted.</summary>
    public void Deleted(IEnumerable<RelayRow> rows)
    {
        foreach (var row in rows)
        {
            Find(row.Bucket).Committed.Remove(row.Id);
        }
    }

    /// <summary>Returns those rows of a page that are to be sent: not what was read before the bucket was opened, nor what is committed or under way.</summary>
    /// <param name="page">The rows.</param>
    /// <param name="sessions">The sessions in which the buckets were when the page was asked for.</param>
    public IEnumerable<RelayRow> Unsent(IEnumerable<RelayRow> page, IReadOnlyDictionary<int, int> sessions) => page.Where(row =>
        Find(row.Bucket) is var one && sessions.TryGetValue(row.Bucket, out var session) && session == one.Session && !one.Committed.Contains(row.Id) && !one.UnderWay.Contains(row.Id));

    /// <summary>Returns the session in which a bucket is.</summary>
    public int SessionOf(int bucket) => Find(bucket).Session;

    private void Return(RelayRow row, RecordOutcome outcome, int blamed, bool isAlone, Predicate<RelayRow> isMissingTooLong, TimeSpan nextAttempt)
    {
        switch (outcome.Status)
        {
            case RecordStatus.Refused or RecordStatus.NoTopic when isAlone && (outcome.Status == RecordStatus.Refused || isMissingTooLong(row)):
                queue.Refuse(row, outcome.Reason);
                break;
            case RecordStatus.Refused:
                row.AtMostTogether = Math.Max(1, Math.Min(row.AtMostTogether, blamed) / 2);
                queue.Returned(row);
                break;
            case RecordStatus.NoTopic:
                row.AtMostTogether = 1;
                queue.Failed(row, outcome.Reason, nextAttempt);
                break;
            case RecordStatus.Failed or RecordStatus.Unknown:
                queue.Failed(row, outcome.Reason, nextAttempt);
                break;
            default:
                queue.Returned(row);
                break;
        }
    }

    private void Forget(int bucket, FencedBucket one)
    {
        one.Committed.Clear();
        one.UnderWay = new HashSet<long>();
        queue.Release(other => other == bucket);
    }

    private FencedBucket Find(int bucket) => _buckets.TryGetValue(bucket, out var one) ? one : _buckets[bucket] = new();

    private FencedBucket? Current(int bucket, int session) => Find(bucket) is var one && one.Session == session ? one : null;
}
