using Messaging.Patterns.Chaos.Consume.History;

namespace Messaging.Patterns.Chaos.Consume.Checks;

/// <summary>When the listeners were done with each record, in each epoch.</summary>
internal sealed class HandlingIndex
{
    private readonly GroupEpochs _epochs;
    private readonly Dictionary<(int Partition, long Offset), LoggedEvent> _log;
    private readonly Dictionary<(int Partition, long Offset, long Epoch), (long Begun, long Done)> _times = [];
    private readonly ILookup<(int Partition, long Offset), SetAside> _setAside;
    private readonly Dictionary<(int Partition, long Offset), long> _ever = [];

    public HandlingIndex(ConsumeHistory history, GroupEpochs epochs)
    {
        _epochs = epochs;
        _log = history.Log.ToDictionary(one => (one.Partition, one.Offset));
        _setAside = history.DeadLetters.ToLookup(one => (one.Partition, one.Offset));

        foreach (var one in history.Handlings)
        {
            var key = (one.Event.Partition, one.Event.Offset, one.Event.Epoch);
            var (begun, done) = _times.GetValueOrDefault(key, (long.MaxValue, long.MaxValue));
            _times[key] = (Math.Min(begun, one.Event.At), Math.Min(done, one.Ended));
            _ever[(key.Partition, key.Offset)] = Math.Min(_ever.GetValueOrDefault((key.Partition, key.Offset), long.MaxValue), one.Ended);
        }

        FirstOfEpoch = history.Handlings.GroupBy(one => (one.Event.Partition, one.Event.Epoch)).ToDictionary(one => one.Key, one => one.Min(handling => handling.Event.At));
    }

    /// <summary>Gets when the first record of an epoch was given to a handler.</summary>
    public IReadOnlyDictionary<(int Partition, long Epoch), long> FirstOfEpoch { get; }

    public GroupEpochs Epochs => _epochs;

    public LoggedEvent? Find(int partition, long offset) => _log.GetValueOrDefault((partition, offset));

    /// <summary>Returns the dead letters that were made of a record.</summary>
    public IEnumerable<SetAside> SetAside(int partition, long offset) => _setAside[(partition, offset)];

    /// <summary>Returns when the group was done with a record for the first time; never, if it was not.</summary>
    public long Ever(int partition, long offset) => _ever.GetValueOrDefault((partition, offset), long.MaxValue);

    /// <summary>Returns from when on the records behind one, of its key, may be handled in an epoch: when it is done, or may be passed over, or was tried and set aside.</summary>
    public long PassedAt(LoggedEvent one, long epoch)
    {
        if (_epochs.IsSkipped(ConsumeScenario.Listeners, one.Partition, one.Offset, epoch))
        {
            return 0;
        }

        var (begun, done) = _times.GetValueOrDefault((one.Partition, one.Offset, epoch), (long.MaxValue, long.MaxValue));
        return one.IsPoison ? begun : done;
    }
}
