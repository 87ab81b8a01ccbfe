using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing.Protocol;

/// <summary>The last appends that a partition's fold accepted, so that a repeated append answers the first result.</summary>
internal sealed class AppendWindow
{
    /// <summary>How many appends are remembered unless told otherwise.</summary>
    public const int DefaultCapacity = 10_000;

    private readonly int _capacity;
    private readonly Queue<AcceptedAppend> _appends = new();
    private readonly Dictionary<AppendKey, AcceptedAppend> _byKey = [];

    public AppendWindow(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
    }

    /// <summary>Gets the appends, oldest first, for a checkpoint.</summary>
    public IReadOnlyCollection<AcceptedAppend> Appends => _appends;

    /// <summary>Gets the offset from which on no accepted append is missing: one that is not found here was not accepted at or after it.</summary>
    public long CoveredFrom { get; private set; }

    /// <summary>Finds the result of an append.</summary>
    public bool TryGet(StreamKey stream, AppendId id, out AcceptedAppend accepted) => _byKey.TryGetValue(new AppendKey(stream, id), out accepted);

    /// <summary>Adds the newest append and forgets the oldest if there are too many.</summary>
    public void Add(in AcceptedAppend accepted)
    {
        if (_appends.Count == _capacity)
        {
            Forget(_appends.Dequeue());
        }

        _appends.Enqueue(accepted);
        _byKey[new AppendKey(accepted.Stream, accepted.Id)] = accepted;
    }

    /// <summary>Puts back what a checkpoint holds, before the appends are added oldest first.</summary>
    public void Restore(long coveredFrom) => CoveredFrom = coveredFrom;

    private void Forget(in AcceptedAppend oldest)
    {
        CoveredFrom = oldest.Offset + 1;
        var key = new AppendKey(oldest.Stream, oldest.Id);

        // A writer with a smaller window may have accepted the id again; then the newer result stays.
        if (_byKey.TryGetValue(key, out var newest) && newest.Offset == oldest.Offset)
        {
            _byKey.Remove(key);
        }
    }
}
