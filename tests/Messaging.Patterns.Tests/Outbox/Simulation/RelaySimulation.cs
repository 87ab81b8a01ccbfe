using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Tests.Outbox.Simulation;

/// <summary>Services that write, instances of the relay that come, pause and crash, a database and a broker: one history per seed.</summary>
internal sealed class RelaySimulation
{
    private const int TroubledSteps = 1_500;
    private const int StepsUntilStuck = 60_000;

    private readonly SimRandom _random;
    private readonly RelayProfile _profile;
    private readonly List<SimRelay> _relays = [];
    private readonly bool _isTraced;
    private int _toWrite;
    private int _started;

    private RelaySimulation(long seed, bool isTraced)
    {
        _isTraced = isTraced;
        _random = new SimRandom(seed);
        _profile = RelayProfile.Draw(_random);
        _toWrite = _profile.Rows;
        Broker = new(this, _random, _profile);
        Ids = new(this, _random, _profile);
        Database = new(this, _random);
        Note($"{_profile}");
    }

    public SimBroker Broker { get; }

    /// <summary>Gets the transactional ids.</summary>
    public SimTransactionalIds Ids { get; }

    public SimDatabase Database { get; }

    /// <summary>Gets the time by the database's clock.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Gets whether nothing goes wrong any more.</summary>
    public bool IsCalm { get; private set; }

    public List<(RelayInvariant Invariant, string Text)> Violations { get; } = [];

    public List<string> Trace { get; } = [];

    public Dictionary<RelayHappening, int> Happenings { get; } = [];

    public static RelaySimulation Run(long seed, bool isTraced = false)
    {
        var simulation = new RelaySimulation(seed, isTraced);
        simulation.Play();
        return simulation;
    }

    public void Violate(RelayInvariant invariant, string text) => Violations.Add((invariant, text));

    public void Count(RelayHappening happening, int count = 1) => Happenings[happening] = Happenings.GetValueOrDefault(happening) + count;

    public void Note(FormattableString text)
    {
        if (_isTraced)
        {
            Trace.Add($"{Now.TotalSeconds,6}  {FormattableString.Invariant(text)}");
        }
    }

    private void Play()
    {
        for (var step = 0; step < TroubledSteps; step++)
        {
            Step();
            Trouble();
        }

        IsCalm = true;
        _relays.ForEach(relay => relay.IsPaused = false);

        for (var step = 0; !IsDone(); step++)
        {
            if (step == StepsUntilStuck)
            {
                Violate(RelayInvariant.Progress, $"{Database.Waiting} rows wait, {Database.Parked.Count} are parked, {_toWrite} are to be written");
                break;
            }

            Step();

            if (_random.Chance(5) && Database.Parked.Count > 0)
            {
                Database.Replay(Database.Parked.First().Value.Key);
            }
        }

        Judge();
    }

    private bool IsDone() => _toWrite == 0 && Database is { IsIdle: true, Waiting: 0, Parked.Count: 0 } && Broker.IsIdle && Ids.IsIdle;

    private void Step()
    {
        Now += TimeSpan.FromSeconds(_random.Chance(10) ? 1 : 0);

        while (_relays.Count < _profile.Relays)
        {
            _relays.Add(new(this, _random, _profile, $"relay {++_started}", TimeSpan.FromSeconds(_random.Between(-1_000, 1_000))));
        }

        var choice = _random.Below(10);

        if (choice == 0 && _toWrite > 0)
        {
            Write();
        }
        else if (choice <= 2 && !Database.IsIdle)
        {
            Database.StepTransaction();
        }
        else if (choice <= 4)
        {
            Broker.Step();
            Ids.Step();
        }
        else if (_random.Pick(_relays) is { IsPaused: false } relay)
        {
            relay.Step();
        }
    }

    private void Write()
    {
        var keys = Enumerable.Range(0, Math.Min(_toWrite, _random.Between(1, 3))).Select(_ => $"{(char)('a' + _random.Below(_profile.Keys))}").ToList();
        _toWrite -= keys.Count;
        Database.Begin(keys);
    }

    private void Trouble()
    {
        var relay = _random.Pick(_relays);

        if (_random.Chance(_profile.Crash) && _random.Chance(20))
        {
            Count(RelayHappening.Crashed);
            _relays.Remove(relay);
        }
        else if (_random.Chance(_profile.Pause))
        {
            Count(RelayHappening.Paused);
            relay.IsPaused = !relay.IsPaused;

            if (!relay.IsPaused)
            {
                // Its leases may have expired, and it does not know.
                Now += TimeSpan.FromSeconds(_random.Between(0, 60));
            }
        }
        else if (_random.Chance(_profile.Restart) && _random.Chance(50))
        {
            Database.Restart(_profile.IsInTransactions);
        }
        else if (_random.Chance(_profile.Restart))
        {
            Database.Copy();
        }
        else if (_random.Chance(2) && Database.Parked.Count > 0)
        {
            Database.Replay(Database.Parked.First().Value.Key);
        }
    }

    private void Judge()
    {
        foreach (var key in Broker.Log.Where(row => (!_profile.OthersFollow || _profile.Poison == 0) && Database.Committed.Contains(row.Content)).DistinctBy(row => row.Content).GroupBy(row => row.Key))
        {
            var contents = key.Select(row => row.Content).ToList();

            if (!contents.SequenceEqual(contents.Order()))
            {
                Violate(RelayInvariant.OrderOfKeys, $"{key.Key}: {string.Join(' ', contents)}");
            }
        }

        if (Database.Committed.FirstOrDefault(content => !Broker.IsStored(content)) is > 0 and var lost)
        {
            Violate(RelayInvariant.NothingLost, $"{lost} is not in the log");
        }

        if (Broker.Log.Find(row => !Database.Committed.Contains(row.Content) && !Database.TakenBack.Contains(row.Content)) is { } foreign)
        {
            Violate(RelayInvariant.OnlyCommitted, $"{foreign} is in the log");
        }
    }
}
