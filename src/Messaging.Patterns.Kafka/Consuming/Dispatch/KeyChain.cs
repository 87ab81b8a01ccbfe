namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>The records of one key that wait, in their order. What is given out of it is done before more of it is given out.</summary>
internal sealed class KeyChain<TRecord>
{
    // A chain is used again for other keys; what a long one grew to is not kept.
    private const int KeptCapacity = 64;

    private Queue<TakenRecord<TRecord>> _waiting = new();

    /// <summary>Gets or sets the key; meaningless where every record is its own key.</summary>
    public RecordKey Key { get; set; }

    /// <summary>Gets or sets how many of its records are being handled.</summary>
    public int InFlight { get; set; }

    /// <summary>Gets or sets why the key stands still; <see langword="null"/> if it does not.</summary>
    public KeyParking<TRecord>? Parking { get; set; }

    /// <summary>Gets or sets whether the partition stopped at it: nothing of the key is given out any more.</summary>
    public bool IsBlocked { get; set; }

    /// <summary>Gets whether its records may be given out.</summary>
    public bool IsFree => InFlight == 0 && Parking is null && !IsBlocked;

    /// <summary>Gets how many of its records wait.</summary>
    public int Waiting => _waiting.Count;

    public void Enqueue(in TakenRecord<TRecord> record) => _waiting.Enqueue(record);

    public TakenRecord<TRecord> Dequeue() => _waiting.Dequeue();

    public TakenRecord<TRecord> Peek() => _waiting.Peek();

    /// <summary>Returns how many bytes the records take that wait.</summary>
    public long SumBytes() => _waiting.Sum(taken => (long)taken.Bytes);

    /// <summary>Puts records that were given out back in front of those that wait.</summary>
    public void PutBack(IEnumerable<TakenRecord<TRecord>> records) => _waiting = new(records.Concat(_waiting));

    /// <summary>Drops what waits.</summary>
    public void Clear() => _waiting.Clear();

    /// <summary>Makes an empty chain ready for another key.</summary>
    public void Reset()
    {
        (Key, IsBlocked) = (default, false);

        if (_waiting.Capacity > KeptCapacity)
        {
            _waiting = new();
        }
    }
}
