using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;
using Messaging.Patterns.Outbox.Protocol;

namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>An instance of the relay: one lane reads, renews and parks, another deletes, and rows are sent beside. It may crash or pause between any two steps.</summary>
internal sealed class SimRelay(RelaySimulation simulation, SimRandom random, RelayProfile profile, string name, TimeSpan clockOffset)
{
    private readonly RelayQueue _queue = new(profile.MaxHeld, profile.MaxInFlight);
    private readonly LeaseSet _leases = new(SimLeases.Duration);
    private readonly Dictionary<long, SimRow> _contents = [];
    private readonly List<Action> _answers = [];
    private HashSet<long> _readByCursor = [];
    private ReadCursor _cursor = new();
    private Action? _reader;
    private Action? _deleter;

    public bool IsPaused { get; set; }

    /// <summary>Gets the time by its own clock, which nobody has set.</summary>
    public TimeSpan Now => simulation.Now + clockOffset;

    /// <summary>The broker answered; the instance hears of it later, or never.</summary>
    public void Answered(Action<RelayQueue> answer) => _answers.Add(() => answer(_queue));

    public void Step()
    {
        switch (random.Below(4))
        {
            case 0:
                Take(ref _reader, Read);
                break;
            case 1:
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

        if (_queue.Held > profile.MaxHeld || _queue.InFlight > profile.MaxInFlight)
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

        if (_leases.IsValid(Now) && _queue.TakeNext() is { } row)
        {
            simulation.Broker.Send(this, row, _contents[row.Id]);
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

        _reader = Lost() ? () => { }
        : () =>
        {
            var change = _leases.Renewed(granted, asked);
            simulation.Count(RelayHappening.LeaseLost, change.Lost.Count);
            _queue.Release(change.Lost.Contains);

            if (change.Gained.Count > 0)
            {
                (_cursor, _readByCursor) = (new(), []);
            }
        };
    }

    private void Park(RelayRow row)
    {
        if (row.IsAbandoned || _leases.TokenOf(row.Bucket) is not { } token)
        {
            return;
        }

        var isParked = simulation.Database.Park(row.Id, row.Bucket, token);
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
        var request = _cursor.NextPage();
        var limit = Math.Min(profile.PageSize, _queue.Room);
        _queue.BeginRead();
        var snapshot = request.AsOf ?? simulation.Database.Snapshot();
        var page = simulation.Database.Page(request, _leases.Buckets, limit);
        _reader = Lost() ? _queue.EndRead : () =>
        {
            simulation.Count(RelayHappening.LateRowRead, page.Count(row => row.Row.Id <= request.After));
            simulation.Count(RelayHappening.HeldBack, page.Count(row => row.IsHeld));
            Check(page);
            page.ForEach(row => _contents[row.Row.Id] = row.Row);
            _queue.EndRead(page.Where(row => profile.OthersFollow || !row.IsHeld).Select(row => new RelayRow(row.Row.Id, row.Row.Bucket, row.Row.Key)));
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
        var rows = _queue.TakeStored(random.Between(1, 5));

        if (rows.Count == 0)
        {
            return;
        }

        // The batch is one transaction: all or, when the database fails, maybe all and maybe nothing.
        if (simulation.IsCalm || !random.Chance(profile.DatabaseTrouble))
        {
            rows.ForEach(row => simulation.Database.Delete(row.Id));
        }
        else
        {
            _deleter = () => _queue.NotDeleted(rows);
            return;
        }

        _deleter = Lost() ? () => _queue.NotDeleted(rows) : () => _queue.Deleted(rows);
    }

    private bool Lost()
    {
        var isLost = !simulation.IsCalm && random.Chance(profile.DatabaseTrouble);
        simulation.Count(RelayHappening.AnswerOfDatabaseLost, isLost ? 1 : 0);
        return isLost;
    }
}
