using System.Diagnostics.CodeAnalysis;

namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>The parked keys of a member: how much they hold together, and which of them is tried again next. Pure.</summary>
internal sealed class ParkingLot<TRecord>(ParkingSettings settings)
{
    private readonly PriorityQueue<(PartitionDispatch<TRecord> Partition, KeyChain<TRecord> Chain, KeyParking<TRecord> Parking), long> _waiting = new();

    /// <summary>Gets how many keys are parked.</summary>
    public int Keys { get; private set; }

    /// <summary>Gets how many records of parked keys are held.</summary>
    public int Records { get; private set; }

    /// <summary>Gets how many bytes they take.</summary>
    public long Bytes { get; private set; }

    /// <summary>Gets whether they hold more than they may.</summary>
    public bool IsOverfull => Records > settings.MaxRecords || Bytes > settings.MaxBytes;

    /// <summary>Gets when a key is tried again next; <see langword="null"/> if none waits.</summary>
    public long? NextDue => Peek() ? _waiting.Peek().Parking.Due : null;

    public void Enter(KeyParking<TRecord> parking) => (Keys, Records, Bytes) = (Keys + 1, Records + parking.Records, Bytes + parking.Bytes);

    public void Add(KeyParking<TRecord> parking, int bytes)
    {
        (parking.Records, parking.Bytes) = (parking.Records + 1, parking.Bytes + bytes);
        (Records, Bytes) = (Records + 1, Bytes + bytes);
    }

    public void Leave(KeyParking<TRecord> parking)
    {
        (Keys, Records, Bytes) = (Keys - 1, Records - parking.Records, Bytes - parking.Bytes);
        parking.Due = null;
    }

    /// <summary>A key waits until a time.</summary>
    public void Wait(PartitionDispatch<TRecord> partition, KeyChain<TRecord> chain, KeyParking<TRecord> parking, long until)
    {
        parking.Due = until;
        _waiting.Enqueue((partition, chain, parking), until);
    }

    /// <summary>Takes a key whose time has come.</summary>
    public bool TryTakeDue(long now, [NotNullWhen(true)] out PartitionDispatch<TRecord>? partition, [NotNullWhen(true)] out KeyChain<TRecord>? chain)
    {
        if (Peek() && _waiting.Peek() is var first && first.Parking.Due <= now)
        {
            _waiting.Dequeue();
            (partition, chain) = (first.Partition, first.Chain);
            return true;
        }

        (partition, chain) = (null, null);
        return false;
    }

    // Those that left, or whose turn came otherwise, are still in the queue.
    private bool Peek()
    {
        while (_waiting.TryPeek(out var first, out var due) && first.Parking.Due != due)
        {
            _waiting.Dequeue();
        }

        return _waiting.Count > 0;
    }
}
