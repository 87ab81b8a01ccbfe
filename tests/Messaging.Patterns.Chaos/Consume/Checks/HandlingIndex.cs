using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Consume.Checks;

/// <summary>When the listeners were done with each record, in each epoch.</summary>
internal sealed class HandlingIndex
{
    private readonly Dictionary<(int Partition, long Offset), LoggedEvent> _log;
    private readonly ILookup<(int Partition, long Offset), Handling> _handlings;
    private readonly ILookup<(int Partition, long Offset), SetAside> _setAside;
    private readonly ILookup<(int Partition, long Offset), RedirectedEvent> _redirected;

    public HandlingIndex(ConsumeHistory history, GroupEpochs epochs)
    {
        Epochs = epochs;
        _log = history.Log.ToDictionary(one => (one.Partition, one.Offset));
        _handlings = history.Handlings.ToLookup(one => (one.Event.Partition, one.Event.Offset));
        _setAside = history.DeadLetters.ToLookup(one => (one.Partition, one.Offset));
        _redirected = history.Redirected.ToLookup(one => (one.Partition, one.Offset));
        FirstOfEpoch = history.Handlings.GroupBy(one => (one.Event.Partition, one.Event.Epoch)).ToDictionary(one => one.Key, one => one.Min(handling => handling.Event.At));
    }

    /// <summary>Gets when the first record of an epoch was given to a handler.</summary>
    public IReadOnlyDictionary<(int Partition, long Epoch), long> FirstOfEpoch { get; }

    public GroupEpochs Epochs { get; }

    public LoggedEvent? Find(int partition, long offset) => _log.GetValueOrDefault((partition, offset));

    /// <summary>Returns the dead letters that were made of a record.</summary>
    public IEnumerable<SetAside> SetAside(int partition, long offset) => _setAside[(partition, offset)];

    /// <summary>Returns whether a record was ever redirected. Then it may be handled in any later epoch, as it waits on when a rewind goes to behind it.</summary>
    public bool IsRedirected(int partition, long offset) => _redirected.Contains((partition, offset));

    /// <summary>Returns when the group was done with a record for the first time; never, if it was not.</summary>
    public long Ever(int partition, long offset) => First(_handlings[(partition, offset)], one => one.Ended);

    /// <summary>Returns from when on the records behind one, of its key, may be handled in an epoch: when it is done, or may be passed over, or was tried and set aside.</summary>
    public long PassedAt(LoggedEvent one, long epoch) => Epochs.IsSkipped(ConsumeScenario.Listeners, one.Partition, one.Offset, epoch)
        ? 0
        : First(
            _handlings[(one.Partition, one.Offset)].Where(handling => handling.Event.Epoch == epoch || (handling.Event.Epoch > epoch && IsRedirected(one.Partition, one.Offset))),
            handling => one.IsPoison ? handling.Event.At : handling.Ended);

    /// <summary>Returns from when on the records behind one, of its key, may be handled in an epoch that begins behind it.</summary>
    public long EverPassedAt(LoggedEvent one) => Epochs.IsSkipped(ConsumeScenario.Listeners, one.Partition, one.Offset, -1)
        ? 0
        : First(_handlings[(one.Partition, one.Offset)], handling => one.IsPoison ? handling.Event.At : handling.Ended);

    /// <summary>Returns whether the group may commit beyond a record: when it was done, set aside or redirected, or may be passed over.</summary>
    public bool IsDone(LoggedEvent one, Committed commit) =>
        Ever(one.Partition, one.Offset) <= commit.At
        || _setAside[(one.Partition, one.Offset)].Any(letter => letter.At < commit.SetAside)
        || _redirected[(one.Partition, one.Offset)].Any(redirected => redirected.At < commit.Redirected.GetValueOrDefault(one.Partition))
        || Epochs.IsSkipped(ConsumeScenario.Listeners, one.Partition, one.Offset, -1);

    private static long First(IEnumerable<Handling> handlings, Func<Handling, long> time) => handlings.Select(time).DefaultIfEmpty(long.MaxValue).Min();
}
