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

    /// <summary>Gets how many of its records wait.</summary>
    public int Waiting => _waiting.Count;

    public void Enqueue(in TakenRecord<TRecord> record) => _waiting.Enqueue(record);

    public TakenRecord<TRecord> Dequeue() => _waiting.Dequeue();

    /// <summary>Drops what waits.</summary>
    public void Clear() => _waiting.Clear();

    /// <summary>Makes an empty chain ready for another key.</summary>
    public void Reset()
    {
        Key = default;

        if (_waiting.Capacity > KeptCapacity)
        {
            _waiting = new();
        }
    }
}
