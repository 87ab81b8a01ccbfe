using Messaging.Patterns.Kafka.Consuming.Dispatch;
using Messaging.Patterns.Kafka.Consuming.Redirect;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Redirect.Simulation;

/// <summary>One source partition, its retry partition, and owners that follow each other: one history per seed. Former owners go on for a while, and what they send arrives late.</summary>
internal sealed class RedirectSimulation
{
    private const int LastStep = 50_000;

    private readonly SimRandom _random;
    private readonly List<SimOwner> _owners = [];

    // What was sent to the retry partition and has not arrived, in the order of each sender.
    private readonly List<(SimOwner Sender, RetryEntry Entry, Action<long> Stored)> _sent = [];
    private readonly List<(SimOwner Sender, RetryEntry Entry)> _late = [];
    private readonly Dictionary<long, HashSet<int>> _handled = [];
    private long _rewoundTo = long.MaxValue;

    private RedirectSimulation(long seed)
    {
        _random = new SimRandom(seed);
        var (records, keys) = (_random.Pick([4, 12, 30]), _random.Between(1, 4));
        Source = [.. Enumerable.Range(0, records).Select(_ => _random.Below(keys))];
        Failure = _random.Pick([5, 20, 50]);
        Patience = new()
        {
            Retries = _random.Pick<int?>([null, 0, 2]),
            Delay = _random.Pick([1, 5, 20]),
            MaxDelay = 40,
            MaxTime = _random.Pick([100, 10_000]),
            SetsAside = true,
        };
        Settings = new()
        {
            MaxConcurrency = _random.Between(1, 3),
            BatchSize = _random.Pick([1, 1, 3]),
            MaxRecords = _random.Pick([2, 100]),
            MaxUncommitted = _random.Pick([3, 100]),
            Parking = Patience with { Retries = _random.Pick<int?>([null, 0, 1]), MaxRecords = _random.Pick([2, 100]) },
        };
    }

    /// <summary>Gets how owners dispatch.</summary>
    public DispatchSettings Settings { get; }

    /// <summary>Gets how long they try redirected records.</summary>
    public ParkingSettings Patience { get; }

    public List<string> Violations { get; } = [];

    public HashSet<string> Happenings { get; } = [];

    /// <summary>Gets the key of each record of the source partition.</summary>
    public IReadOnlyList<int> Source { get; }

    public int Failure { get; private set; }

    public List<(long Offset, RetryEntry Entry)> RetryLog { get; } = [];

    /// <summary>Gets the group's commit of the source partition.</summary>
    public long Committed { get; private set; }

    /// <summary>Gets the group's commit of the retry partition: the claim that is in force.</summary>
    public long Claim { get; private set; } = -1;

    public long Epoch { get; private set; }

    public List<string> Trace { get; } = [];

    public static RedirectSimulation Run(long seed)
    {
        var simulation = new RedirectSimulation(seed);
        simulation.Play();
        return simulation;
    }

    public static RecordKey KeyOf(int key) => new([(byte)(key + 1)]);

    public void Happened(string what, bool happened = true)
    {
        if (happened)
        {
            Happenings.Add(what);
        }
    }

    public void Send(SimOwner sender, RetryEntry entry, Action<long> stored) => _sent.Add((sender, entry, stored));

    /// <summary>The sender does not hear of it, and brokers may get it behind what is sent later.</summary>
    public void SendLate(SimOwner sender, RetryEntry entry) => _late.Add((sender, entry));

    /// <summary>Brokers take commits from the member alone.</summary>
    public bool TryCommit(SimOwner owner, long? source, long? claim)
    {
        if (owner != _owners[^1])
        {
            return false;
        }

        (Committed, Claim) = (source ?? Committed, claim ?? Claim);
        Trace.Add($"o{_owners.IndexOf(owner)} commits {source} {claim}");

        for (var offset = 0; offset < Committed; offset++)
        {
            if (!_handled.ContainsKey(offset) && !WaitsInRetry(offset))
            {
                Violations.Add($"{offset} is committed, and neither handled nor in the retry partition");
            }
        }

        return true;
    }

    /// <summary>A record is handled. By one owner, those of a key follow each other without a hole; and none is handled before all that came before it were.</summary>
    public void Handle(SimOwner owner, long source)
    {
        Trace.Add($"o{_owners.IndexOf(owner)} handles {source} key {Source[(int)source]}");
        // One that lost the partition and does not know is its owner here until the next claim is in force; but what was rewound since must come again.
        if (owner != _owners[^1] && (owner.Claim != Claim || (owner.Epoch != Epoch && source >= _rewoundTo)))
        {
            return;
        }

        var key = Source[(int)source];
        var earlier = Enumerable.Range(0, (int)source).Where(offset => Source[offset] == key).ToList();

        if (earlier.FirstOrDefault(offset => !_handled.ContainsKey(offset), -1) is >= 0 and var missed)
        {
            Violations.Add($"{source} is handled before {missed}");
        }

        if (owner.Last.TryGetValue(key, out var last) && (last >= source || earlier.LastOrDefault(-1) != last))
        {
            Violations.Add($"{source} is handled after {last}, the record of its key before it is {earlier.LastOrDefault(-1)}");
        }

        if (earlier.Count > 0 && !owner.Last.ContainsKey(key) && _handled.ContainsKey(source))
        {
            Happened("HandledAgain");
        }

        owner.Last[key] = source;
        (_handled.TryGetValue(source, out var by) ? by : _handled[source] = []).Add(_owners.Count);
    }

    private bool WaitsInRetry(long source) =>
        RetryLog.Exists(one => one.Entry is RetryEntry.Redirected redirected && redirected.Source == source);

    private void Play()
    {
        NextOwner();

        for (var step = _random.Pick([50, 200, 500]); step > 0; step--)
        {
            Step();

            if (_random.Chance(3))
            {
                Trouble();
            }
        }

        Failure = 0;

        if (_owners[^1].HasStopped || _random.Chance(50))
        {
            NextOwner();
        }

        for (var step = 0; step < LastStep && !IsDone(); step++)
        {
            Step();
        }

        if (!IsDone())
        {
            Violations.Add($"committed {Committed} of {Source.Count}, {_owners[^1]}");
        }

        // After a rewind everything from its target on was handled again.
        foreach (var offset in Enumerable.Range(0, Source.Count).Where(offset => !_handled.ContainsKey(offset)))
        {
            Violations.Add($"{offset} is lost");
        }
    }

    private bool IsDone() => Committed == Source.Count && _owners[^1].IsAtRest;

    private void Trouble()
    {
        if (_random.Chance(25) && Committed > 0 && _rewoundTo == long.MaxValue)
        {
            // The owner stops, the commit is set back, and whoever comes next begins a new epoch.
            Happened("Rewound");
            Trace.Add("rewind");
            Committed = _rewoundTo = _random.Below((int)Committed);
            Epoch++;
            Enumerable.Range((int)_rewoundTo, Source.Count - (int)_rewoundTo).ToList().ForEach(offset => _handled.Remove(offset));
        }

        NextOwner();
    }

    private void NextOwner()
    {
        if (_owners.Count > 0 && !_owners[^1].IsAtRest)
        {
            Happened("LostWithRedirectedKeys");
        }

        _owners.Add(new SimOwner(this, _random));
    }

    private void Step()
    {
        // The last three: former owners have not noticed yet.
        _random.Pick(_owners.TakeLast(_random.Chance(70) ? 1 : 3).ToList()).Step();

        if (_sent.Count > 0 && _random.Chance(60))
        {
            Arrive();
        }

        if (_late.Count > 0 && _random.Chance(10))
        {
            var late = _random.Pick(_late);
            _late.Remove(late);
            Store(late.Sender, late.Entry);
        }
    }

    private void Arrive()
    {
        var sender = _random.Pick(_sent.Select(one => one.Sender).Distinct().ToList());
        var index = _sent.FindIndex(one => one.Sender == sender);
        var (_, entry, stored) = _sent[index];
        _sent.RemoveAt(index);
        var offset = Store(sender, entry);

        // A sender that crashed never hears of it.
        if (sender == _owners[^1] || _random.Chance(50))
        {
            stored(offset);
        }
    }

    private long Store(SimOwner sender, RetryEntry entry)
    {
        var offset = RetryLog.Count;
        RetryLog.Add((offset, entry));
        Trace.Add($"{offset}: o{_owners.IndexOf(sender)} {entry}");
        Happened($"Late{entry.GetType().Name}", sender != _owners[^1]);
        return offset;
    }
}
