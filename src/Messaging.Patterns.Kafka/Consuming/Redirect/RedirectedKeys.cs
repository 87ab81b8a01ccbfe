using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>The keys of a partition that are redirected, with their records in the retry partition that are not handled. Pure.</summary>
internal sealed class RedirectedKeys
{
    private readonly Dictionary<RecordKey, Queue<(long Offset, long Source)>> _keys = [];

    /// <summary>Gets how many keys are redirected.</summary>
    public int Count => _keys.Count;

    /// <summary>Gets the keys.</summary>
    public IReadOnlyCollection<RecordKey> All => _keys.Keys;

    /// <summary>Gets how many records wait in the retry partition.</summary>
    public long Records { get; private set; }

    /// <summary>Gets the offset of the first record in the retry partition that is not handled; <see langword="null"/> if all of them are.</summary>
    public long? First => _keys.Values.Select(waiting => (long?)waiting.Peek().Offset).Min();

    /// <summary>Returns whether later records of a key must follow those in the retry partition.</summary>
    public bool Contains(RecordKey key) => _keys.ContainsKey(key);

    /// <summary>Returns the record of a redirected key that is handled next, by its offsets in the retry partition and in the source partition.</summary>
    public (long Offset, long Source) Next(RecordKey key) => _keys[key].Peek();

    /// <summary>Returns how many records of a redirected key wait.</summary>
    public int CountOf(RecordKey key) => _keys[key].Count;

    /// <summary>A record of a key is stored.</summary>
    public void Add(RecordKey key, long offset, long source)
    {
        if (!_keys.TryGetValue(key, out var waiting))
        {
            _keys.Add(key, waiting = new());
        }

        waiting.Enqueue((offset, source));
        Records++;
    }

    /// <summary>A release is stored: what of the key lies behind it stays. The key goes on in the source partition once nothing does.</summary>
    public void Release(RecordKey key, long upTo)
    {
        while (_keys.TryGetValue(key, out var waiting) && waiting.Peek().Offset <= upTo)
        {
            waiting.Dequeue();
            Records--;
            RemoveIfEmpty(key, waiting);
        }
    }

    /// <summary>An owner begins, and reads the source partition from an offset: what comes again from there is superseded here.</summary>
    public void Begin(long from)
    {
        foreach (var (key, waiting) in _keys.ToList())
        {
            var kept = _keys[key] = new(waiting.Where(one => one.Source < from));
            Records -= waiting.Count - kept.Count;
            RemoveIfEmpty(key, kept);
        }
    }

    private void RemoveIfEmpty(RecordKey key, Queue<(long Offset, long Source)> waiting)
    {
        if (waiting.Count == 0)
        {
            _keys.Remove(key);
        }
    }
}
