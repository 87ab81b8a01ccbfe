using Messaging.Patterns.Kafka.Consuming.Dispatch;

namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>The keys of a partition that are redirected, with their records in the retry partition that are not handled. Pure.</summary>
internal sealed class RedirectedKeys
{
    private readonly Dictionary<RecordKey, Queue<(long Offset, long Source)>> _keys = [];

    /// <summary>Gets how many keys are redirected.</summary>
    public int Count => _keys.Count;

    /// <summary>Gets the offset of the first record in the retry partition that is not handled; <see langword="null"/> if all of them are.</summary>
    public long? First => _keys.Values.SelectMany(waiting => waiting).Select(one => (long?)one.Offset).Min();

    /// <summary>Returns whether later records of a key must follow those in the retry partition.</summary>
    public bool Contains(RecordKey key) => _keys.ContainsKey(key);

    /// <summary>Returns the record of a key that is handled next; <see langword="null"/> if all of them are.</summary>
    public (long Offset, long Source)? Next(RecordKey key) => _keys.TryGetValue(key, out var waiting) && waiting.TryPeek(out var next) ? next : null;

    /// <summary>A key is redirected from now on; its first record is about to be stored.</summary>
    public void Redirect(RecordKey key) => _keys.TryAdd(key, new());

    /// <summary>A record of a key is stored.</summary>
    public void Add(RecordKey key, long offset, long source)
    {
        Redirect(key);
        _keys[key].Enqueue((offset, source));
    }

    /// <summary>The record of a key that is next is handled.</summary>
    /// <returns>If it was the last one: up to where the key is to be released.</returns>
    public long? Done(RecordKey key)
    {
        var (offset, _) = _keys[key].Dequeue();
        return _keys[key].Count == 0 ? offset : null;
    }

    /// <summary>A release is stored: what of the key lies behind it stays.</summary>
    public void Release(RecordKey key, long upTo)
    {
        if (!_keys.TryGetValue(key, out var waiting))
        {
            return;
        }

        while (waiting.TryPeek(out var next) && next.Offset <= upTo)
        {
            waiting.Dequeue();
        }

        if (waiting.Count == 0)
        {
            _keys.Remove(key);
        }
    }

    /// <summary>An owner begins, and reads the source partition from an offset: what comes again from there is superseded here.</summary>
    public void Begin(long from)
    {
        foreach (var key in _keys.Keys.ToList())
        {
            _keys[key] = new(_keys[key].Where(one => one.Source < from));

            if (_keys[key].Count == 0)
            {
                _keys.Remove(key);
            }
        }
    }
}
