using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;
using Messaging.Patterns.Outbox.Protocol;

namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>An instance of the relay: one lane reads, renews and parks, another deletes, and rows are sent beside. It may crash or pause between any two steps.</summary>
internal sealed class SimRelay(RelaySimulation simulation, SimRandom random, RelayProfile profile, string name, TimeSpan clockOffset)
{
    private readonly RelayQueue _queue = new(profile.MaxHeld, profile.MaxInFlight, profile.IsInTransactions);
    private readonly Dictionary<int, int> _epochs = [];
    private readonly LeaseSet _leases = new(SimLeases.Duration);
    private readonly Dictionary<long, SimRow> _contents = [];
    private readonly List<Action> _answers = [];
    private HashSet<long> _readByCursor = [];
    private ReadCursor _cursor = new();
    private Action? _reader;
    private Action? _deleter;
    private FencedBuckets? _fenced;
    private int _known;

    public bool IsPaused { get; set; }

    /// <summary>Gets the time by its own clock, which nobody has set.</summary>
    public TimeSpan Now => simulation.Now + clockOffset;

    /// <summary>The broker answered; the instance hears of it later, or never.</summary>
    public void Answered(Action<RelayQueue> answer) => _answers.Add(() => answer(_queue));

    /// <summary>The same of a transactional id.</summary>
    public void Answered(Action<FencedBuckets> answer) => _answers.Add(() => answer(Fenced));

    /// <summary>The instance has taken over the transactional id of a bucket.</summary>
    public void Opened(int bucket, int session, int epoch, ReadOnlyMemory<byte> note)
    {
        if (Fenced.Opened(bucket, session, note))
        {
            var committed = note.IsEmpty ? [] : CommittedRows.Read(note.Span);
            _epochs[bucket] = epoch;
            simulation.Note($"{name} opened bucket {bucket}, {committed.Count} rows known");
            simulation.Count(RelayHappening.KnownFromNote, committed.Count);
            _known += committed.Count;
        }
    }

    private FencedBuckets Fenced => _fenced ??= new(_queue);

    public void Step()
    {
        switch (random.Below(4))
        {
            case 0:
                Take(ref _reader, Read);
                break;
            case 1 when _deleter is null || random.Chance(40):
                Take(ref _deleter, Delete);
                break;
            case 2 when _answers.Count > 0:
                var answer = random.Pick(_answers);
                _answers.Remove(answer);
                answer();
                break;
            default:
                Send();
                break;
        }

        // Rows that a note names are not read.
        if (_queue.Held > profile.MaxHeld + _known || _queue.InFlight > profile.MaxInFlight)
        {
            simulation.Violate(RelayInvariant.MemoryBound, $"{name} holds {_queue.Held} rows, {_queue.InFlight} under way");
        }
    }

    private static void Take(ref Action? lane, Action idle)
    {
        if (lane is { } next)
        {
            lane = null;
            next();
        }
        else
        {
            idle();
        }
    }

    private void Send()
    {
        _queue.Wake(Now);

        if (profile.IsInTransactions)
        {
            SendTogether();
        }
        else if (_leases.IsValid(Now) && _queue.TakeNext() is { } row)
        {
            simulation.Broker.Send(this, row, _contents[row.Id]);
        }
    }

    private void SendTogether()
    {
        if (!_leases.IsValid(Now))
        {
            return;
        }

        Fenced.TakeToOpen(_leases.Buckets, Now).ForEach(one => simulation.Ids.Open(this, one.Bucket, one.Session));

        if (Fenced.TakeBatch(Now, profile.Together) is { } batch)
        {
            simulation.Count(RelayHappening.SentTogether, batch.Rows.Count > 1 ? 1 : 0);
            simulation.Ids.Send(this, batch, _epochs[batch.Bucket], [.. batch.Rows.Select(row => _contents[row.Id])]);
        }
    }

    private void Read()
    {
        if (!_leases.IsValid(Now) || random.Chance(10))
        {
            Renew();
        }
        else if (_queue.Refused.TryDequeue(out var refused))
        {
            Park(refused);
        }
        else if (_queue.Room > 0)
        {
            ReadPage();
        }
    }

    private void Renew()
    {
        var asked = Now;
        var surplus = simulation.Database.Leases.Surplus(name, simulation.Now);
        var giveBack = _leases.Buckets.Take(Math.Max(0, surplus)).ToList();
        var granted = simulation.Database.Leases.Renew(name, giveBack, simulation.Now);
        var run = simulation.Database.Run;

        _reader = Lost() ? () => { }
        : () =>
        {
            simulation.Count(RelayHappening.LeaseLost, Renewed(granted, asked, run).Lost.Count);
        };
    }

    private LeaseChange Renewed(IReadOnlyList<(int Bucket, long Token)> granted, TimeSpan asked, string run)
    {
        var before = _queue.Run;
        var isAnew = before is not null && before != run;
        var change = _leases.Renewed(granted, asked);
        _queue.Release(change.Lost.Contains);
        _queue.Follow(run);

        foreach (var bucket in change.Lost)
        {
            Fenced.Close(bucket, Fenced.SessionOf(bucket), Now);
        }

        if (change.Gained.Count > 0 || isAnew)
        {
            ReadAnew();
        }

        return change;
    }

    private void ReadAnew() => (_cursor, _readByCursor) = (new(), []);

    private void Park(RelayRow row)
    {
        if (row.IsAbandoned || _leases.TokenOf(row.Bucket) is not { } token)
        {
            return;
        }

        var isParked = simulation.Database.Park(row.Id, row.Bucket, token, row.Run);
        _reader = Lost() ? () => _queue.Refused.Enqueue(row) : () =>
        {
            if (isParked)
            {
                _queue.Parked(row, profile.OthersFollow);
            }
        };
    }

    private void ReadPage()
    {
        if (profile.IsInTransactions && random.Chance(8))
        {
            // As an instance that was to give a bucket back and then keeps it.
            var kept = random.Below(RelayProfile.Buckets);
            _queue.Release(bucket => bucket == kept);
            ReadAnew();
        }

        if (Fenced.TakeMustReadAnew())
        {
            simulation.Count(RelayHappening.ReadAnew);
            ReadAnew();
        }

        var sessions = profile.IsInTransactions ? Fenced.Readable.ToDictionary() : [];
        var request = _cursor.NextPage();
        var limit = Math.Min(profile.PageSize, _queue.Room);
        _queue.BeginRead();
        var snapshot = request.AsOf ?? simulation.Database.Snapshot();
        var run = simulation.Database.Run;
        var page = simulation.Database.Page(request, [.. _leases.Buckets.Where(bucket => !profile.IsInTransactions || sessions.ContainsKey(bucket))], limit);
        _reader = Lost() ? _queue.EndRead : () =>
        {
            if (run != _queue.Run)
            {
                _queue.EndRead();
                Renewed([], Now - SimLeases.Duration, run);
                return;
            }

            simulation.Count(RelayHappening.LateRowRead, page.Count(row => row.Row.Id <= request.After));
            simulation.Count(RelayHappening.HeldBack, page.Count(row => row.IsHeld));
            Check(page);
            page.ForEach(row => _contents[row.Row.Id] = row.Row);
            var rows = page.Where(row => profile.OthersFollow || !row.IsHeld).Select(row => new RelayRow(row.Row.Id, row.Row.Bucket, row.Row.Key));
            _queue.EndRead(profile.IsInTransactions ? Fenced.Unsent(rows, sessions) : rows);
            _cursor.PageRead(snapshot, page.Count == 0 ? null : page[^1].Row.Id, page.Count == limit);
        };
    }

    private void Check(List<(SimRow Row, bool IsHeld)> page)
    {
        foreach (var (row, _) in page.Where(row => !_readByCursor.Add(row.Row.Id)))
        {
            simulation.Violate(RelayInvariant.ReadOnce, $"{name} read row {row.Id} twice");
        }
    }

    private void Delete()
    {
        var (rows, run) = (_queue.TakeStored(random.Between(1, 5)), _queue.Run);

        if (rows.Count == 0)
        {
            return;
        }

        // The batch is one transaction: all or, when the database fails, maybe all and maybe nothing.
        if (simulation.IsCalm || !random.Chance(profile.DatabaseTrouble))
        {
            if (!rows.TrueForAll(row => simulation.Database.Delete(row.Id, run)))
            {
                _deleter = () => _queue.NotDeleted(rows);
                return;
            }
        }
        else
        {
            _deleter = () => _queue.NotDeleted(rows);
            return;
        }

        _deleter = Lost() ? () => _queue.NotDeleted(rows) : () =>
        {
            _queue.Deleted(rows);
            Fenced.Deleted(rows);
        };
    }

    private bool Lost()
    {
        var isLost = !simulation.IsCalm && random.Chance(profile.DatabaseTrouble);
        simulation.Count(RelayHappening.AnswerOfDatabaseLost, isLost ? 1 : 0);
        return isLost;
    }
}
