using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;
using Messaging.Patterns.Outbox.Protocol;

namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>The database: transactions that overlap, snapshots as PostgreSQL has them, the outbox, the parked rows and the leases.</summary>
internal sealed class SimDatabase(RelaySimulation simulation, SimRandom random)
{
    private readonly List<SimTransaction> _open = [];
    private readonly List<SimRow> _deletedLast = [];
    private readonly HashSet<long> _takenBack = [];
    private SimDatabaseState _state = new();
    private SimDatabaseState? _copy;
    private long _nextContent = 1;
    private int _run = 1;

    /// <summary>Gets the run of the database.</summary>
    public string Run => $"{_run}";

    /// <summary>Gets the contents that are committed.</summary>
    public IReadOnlySet<long> Committed => _state.Contents;

    /// <summary>Gets those that were, and are lost.</summary>
    public IReadOnlySet<long> TakenBack => _takenBack;

    public SortedDictionary<long, SimRow> Parked => _state.Parked;

    public SimLeases Leases => _state.Leases;

    public int Waiting => _state.Outbox.Values.Count(row => _state.Committed.Contains(row.Transaction));

    public bool IsIdle => _open.Count == 0;

    public void Begin(IEnumerable<string> keys) => _open.Add(new(new(keys.Order(StringComparer.Ordinal))));

    /// <summary>A transaction does its next step.</summary>
    public void StepTransaction()
    {
        var transaction = random.Pick(_open);

        // As some database sessions do, some get their number before they draw one for the row, some afterwards.
        if (transaction.Number is null && random.Chance(50))
        {
            transaction.Number = _state.NextTransaction++;
        }
        else if (transaction.Drawn is { } id)
        {
            transaction.Number ??= _state.NextTransaction++;
            _state.Outbox.Add(id, new(id, transaction.Number.Value, transaction.Keys.Dequeue(), transaction.Content));
            transaction.Drawn = null;
        }
        else if (transaction.Keys.TryPeek(out var key))
        {
            if (!_open.Exists(other => other != transaction && other.Locked.Contains(key)))
            {
                transaction.Locked.Add(key);
                (transaction.Drawn, transaction.Content) = (_state.NextId++, _nextContent++);
            }
        }
        else
        {
            End(transaction, random.Chance(80));
        }
    }

    public DatabaseSnapshot Snapshot()
    {
        var next = _state.Ended.Count == 0 ? 10 : _state.Ended.Max() + 1;
        return new(next, [.. _open.Select(transaction => transaction.Number ?? next).Where(number => number < next).Order()]);
    }

    /// <summary>Returns the rows of a page, those whose keys are parked with a mark.</summary>
    public List<(SimRow Row, bool IsHeld)> Page(PageRequest request, IReadOnlyCollection<int> buckets, int limit)
    {
        var held = Parked.Values.Select(row => row.Key).ToHashSet();
        return [.. _state.Outbox.Values
            .Where(row => row.Id > request.After || (request.Late is { } late && row.Id > late.After && late.Contains(row.Transaction)))
            .Where(row => buckets.Contains(row.Bucket) && _state.Committed.Contains(row.Transaction) && request.AsOf?.HasEnded(row.Transaction) != false)
            .Take(limit)
            .Select(row => (row, held.Contains(row.Key)))];
    }

    /// <summary>Deletes a row, if the run is still that in which it was read; says whether it is.</summary>
    public bool Delete(long id, string? run)
    {
        if (run != Run)
        {
            return false;
        }

        if (_state.Outbox.TryGetValue(id, out var row))
        {
            if (!simulation.Broker.IsStored(row.Content))
            {
                simulation.Violate(RelayInvariant.DeletedAfterStored, $"row {id} was deleted and is not in the log");
            }

            _state.Outbox.Remove(id);
            _deletedLast.Add(row);
        }

        return true;
    }

    /// <summary>Moves a row to the parked ones, if the lease under which that is done is the bucket's last. Returns whether the row is among them, or gone.</summary>
    public bool Park(long id, int bucket, long token, string? run)
    {
        if (run != Run || Leases.TokenOf(bucket) != token)
        {
            return false;
        }

        if (_state.Outbox.Remove(id, out var row))
        {
            Parked.Add(id, row);
            Flush();
        }

        return true;
    }

    /// <summary>Somebody has corrected what was wrong with a key: its rows go back, with those that waited behind, under its lock.</summary>
    public void Replay(string key)
    {
        if (_open.Exists(transaction => transaction.Locked.Contains(key)))
        {
            return;
        }

        simulation.Count(RelayHappening.Replayed);
        var first = Parked.Values.First(row => row.Key == key).Id;
        var rows = Parked.Values.Where(row => row.Key == key).Concat(_state.Outbox.Values.Where(row => row.Key == key && row.Id > first && _state.Committed.Contains(row.Transaction))).ToList();
        var number = _state.NextTransaction++;

        foreach (var row in rows.OrderBy(row => row.Id))
        {
            Parked.Remove(row.Id);
            _state.Outbox.Remove(row.Id);
            simulation.Broker.Cure(row.Content);
            _state.Outbox.Add(_state.NextId, row with { Id = _state.NextId, Transaction = number });
            _state.NextId++;
        }

        _state.Ended.Add(number);
        _state.Committed.Add(number);
        Flush();
    }

    /// <summary>A copy that may take over later has got as far as this.</summary>
    public void Copy()
    {
        _copy = new(_state);

        // What a transaction has written that is open still is there, and it will never be committed.
        _copy.Ended.UnionWith(_open.Select(transaction => transaction.Number).OfType<ulong>());
    }

    /// <summary>It crashes and starts anew. Deletions need not be on disk when they are answered, unless rows go in transactions; and another may take over that is behind.</summary>
    public void Restart(bool isInTransactions)
    {
        _run++;
        simulation.Count(RelayHappening.DatabaseRestarted);
        _open.ForEach(transaction => _state.Ended.UnionWith(transaction.Number is { } number ? [number] : []));
        _open.Clear();

        if (!isInTransactions && _copy is { } copy && random.Chance(50))
        {
            _takenBack.UnionWith(_state.Contents.Except(copy.Contents));
            simulation.Count(RelayHappening.CommitTakenBack, _state.Contents.Count - copy.Contents.Count);
            _state = new(copy);
        }
        else if (!isInTransactions)
        {
            var taken = _deletedLast.Skip(random.Between(0, _deletedLast.Count)).ToList();
            simulation.Count(RelayHappening.DeletionTakenBack, taken.Count);
            taken.ForEach(row => _state.Outbox.Add(row.Id, row));
        }

        simulation.Note($"the database is in run {Run}");
        _deletedLast.Clear();
    }

    // Whatever waits for the disk has everything written that came before it.
    private void Flush() => _deletedLast.Clear();

    private void End(SimTransaction transaction, bool isCommitted)
    {
        _open.Remove(transaction);

        if (transaction.Number is not { } number)
        {
            return;
        }

        _state.Ended.Add(number);

        if (isCommitted)
        {
            Flush();
            _state.Committed.Add(number);
            _state.Contents.UnionWith(_state.Outbox.Values.Where(row => row.Transaction == number).Select(row => row.Content));
        }
    }
}
