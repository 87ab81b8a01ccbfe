using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;
using Messaging.Patterns.Outbox.Protocol;

namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>The database: transactions that overlap, snapshots as PostgreSQL has them, the outbox, the parked rows and the leases.</summary>
internal sealed class SimDatabase(RelaySimulation simulation, SimRandom random)
{
    private readonly SortedDictionary<long, SimRow> _outbox = [];
    private readonly List<SimTransaction> _open = [];
    private readonly HashSet<ulong> _ended = [];
    private readonly HashSet<ulong> _committed = [];
    private long _nextId = 1;
    private ulong _nextTransaction = 10;

    /// <summary>Gets the contents that are committed.</summary>
    public HashSet<long> Committed { get; } = [];

    public SortedDictionary<long, SimRow> Parked { get; } = [];

    public SimLeases Leases { get; } = new();

    public int Waiting => _outbox.Values.Count(row => _committed.Contains(row.Transaction));

    public bool IsIdle => _open.Count == 0;

    public void Begin(IEnumerable<string> keys) => _open.Add(new(new(keys.Order(StringComparer.Ordinal))));

    /// <summary>A transaction does its next step.</summary>
    public void StepTransaction()
    {
        var transaction = random.Pick(_open);

        // As some database sessions do, some get their number before they draw one for the row, some afterwards.
        if (transaction.Number is null && random.Chance(50))
        {
            transaction.Number = _nextTransaction++;
        }
        else if (transaction.Drawn is { } id)
        {
            transaction.Number ??= _nextTransaction++;
            _outbox.Add(id, new(id, transaction.Number.Value, transaction.Keys.Dequeue(), id));
            transaction.Drawn = null;
        }
        else if (transaction.Keys.TryPeek(out var key))
        {
            if (!_open.Exists(other => other != transaction && other.Locked.Contains(key)))
            {
                transaction.Locked.Add(key);
                transaction.Drawn = _nextId++;
            }
        }
        else
        {
            End(transaction, random.Chance(80));
        }
    }

    public DatabaseSnapshot Snapshot()
    {
        var next = _ended.Count == 0 ? 10 : _ended.Max() + 1;
        return new(next, [.. _open.Select(transaction => transaction.Number ?? next).Where(number => number < next).Order()]);
    }

    /// <summary>Returns the rows of a page, those whose keys are parked with a mark.</summary>
    public List<(SimRow Row, bool IsHeld)> Page(PageRequest request, IReadOnlyCollection<int> buckets, int limit)
    {
        var held = Parked.Values.Select(row => row.Key).ToHashSet();
        return [.. _outbox.Values
            .Where(row => row.Id > request.After || (request.Late is { } late && row.Id > late.After && late.Contains(row.Transaction)))
            .Where(row => buckets.Contains(row.Bucket) && _committed.Contains(row.Transaction) && request.AsOf?.HasEnded(row.Transaction) != false)
            .Take(limit)
            .Select(row => (row, held.Contains(row.Key)))];
    }

    public void Delete(long id)
    {
        if (_outbox.TryGetValue(id, out var row))
        {
            if (!simulation.Broker.IsStored(row.Content))
            {
                simulation.Violate(RelayInvariant.DeletedAfterStored, $"row {id} was deleted and is not in the log");
            }

            _outbox.Remove(id);
        }
    }

    /// <summary>Moves a row to the parked ones, if the lease under which that is done is the bucket's last. Returns whether the row is among them, or gone.</summary>
    public bool Park(long id, int bucket, long token)
    {
        if (Leases.TokenOf(bucket) != token)
        {
            return false;
        }

        if (_outbox.Remove(id, out var row))
        {
            Parked.Add(id, row);
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
        var rows = Parked.Values.Where(row => row.Key == key).Concat(_outbox.Values.Where(row => row.Key == key && row.Id > first && _committed.Contains(row.Transaction))).ToList();
        var number = _nextTransaction++;

        foreach (var row in rows.OrderBy(row => row.Id))
        {
            Parked.Remove(row.Id);
            _outbox.Remove(row.Id);
            simulation.Broker.Cure(row.Content);
            _outbox.Add(_nextId, row with { Id = _nextId, Transaction = number });
            _nextId++;
        }

        _ended.Add(number);
        _committed.Add(number);
    }

    private void End(SimTransaction transaction, bool isCommitted)
    {
        _open.Remove(transaction);

        if (transaction.Number is not { } number)
        {
            return;
        }

        _ended.Add(number);

        if (isCommitted)
        {
            _committed.Add(number);
            Committed.UnionWith(_outbox.Values.Where(row => row.Transaction == number).Select(row => row.Content));
        }
    }
}
