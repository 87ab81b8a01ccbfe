using System.Diagnostics.CodeAnalysis;

namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>The keys of one assignment of a partition that stand still because a record of theirs failed, while all others go on. Pure.</summary>
/// <remarks>
/// A key waits, is tried again, and waits longer. There is no more patience with it once it was tried often enough, holds the commit back for too long or for too
/// many records, or keys that stand still hold too much. Then its first record is set aside and the key goes on, or the partition stops.
/// </remarks>
internal sealed class PartitionParking<TRecord>(PartitionDispatch<TRecord> partition, ParkingSettings settings, ParkingLot<TRecord> lot)
{
    private readonly HashSet<KeyChain<TRecord>> _chains = [];
    private readonly List<KeyChain<TRecord>> _turns = [];

    /// <summary>Gets the keys.</summary>
    public IReadOnlyCollection<KeyChain<TRecord>> Chains => _chains;

    /// <summary>Gets whether it is the turn of a key.</summary>
    public bool HasTurn => _turns.Count > 0;

    /// <summary>The first record of a key failed; it stands at the head of its chain again.</summary>
    /// <param name="chain">The key.</param>
    /// <param name="outcome">How it failed.</param>
    /// <param name="purpose">For what it had been given out.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether the key stands still here; otherwise the partition must stop.</returns>
    public bool Park(KeyChain<TRecord> chain, WorkOutcome outcome, WorkPurpose purpose, long now)
    {
        if (outcome == WorkOutcome.FailedForGood)
        {
            return false;
        }

        if (outcome == WorkOutcome.Failed || chain.Parking is null)
        {
            Leave(chain);
            Enter(chain, outcome == WorkOutcome.FailedAgain ? purpose : WorkPurpose.Handle, now);
        }
        else
        {
            (chain.Parking.Failed, chain.Parking.Tries) = (chain.Peek(), chain.Parking.Tries + 1);
        }

        return WaitOrGiveUp(chain, chain.Parking!, now);
    }

    /// <summary>A record of a parked key came. Returns whether the partition can go on.</summary>
    public bool Add(KeyChain<TRecord> chain, int bytes, long now)
    {
        lot.Add(chain.Parking!, bytes);
        return !lot.IsOverfull || GiveUp(chain, now);
    }

    /// <summary>Ends the patience with a key, wherever it stands.</summary>
    /// <returns>Whether the partition can go on.</returns>
    public bool GiveUp(KeyChain<TRecord> chain, long now)
    {
        var parking = chain.Parking!;

        if (parking.IsOver)
        {
            return true;
        }

        // One that is being tried just now is given that last chance.
        (parking.IsOver, parking.OverSince) = (true, now);
        return chain.InFlight > 0 || SetAside(chain, parking);
    }

    /// <summary>Returns the key whose failed record has a ticket, if there is one.</summary>
    public KeyChain<TRecord>? Find(long ticket) => _chains.FirstOrDefault(chain => chain.Parking!.Failed.Ticket == ticket);

    /// <summary>The time of a key has come.</summary>
    public void Wake(KeyChain<TRecord> chain)
    {
        chain.Parking!.Due = null;
        _turns.Add(chain);
    }

    /// <summary>Takes the key whose turn it is.</summary>
    public bool TryTake([NotNullWhen(true)] out KeyChain<TRecord>? chain)
    {
        chain = _turns.FirstOrDefault();
        return chain is not null && _turns.Remove(chain);
    }

    /// <summary>A key stands still no longer.</summary>
    public void Leave(KeyChain<TRecord> chain)
    {
        if (_chains.Remove(chain))
        {
            _turns.Remove(chain);
            lot.Leave(chain.Parking!);
            chain.Parking = null;
        }
    }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        foreach (var chain in _chains.ToList())
        {
            Leave(chain);
            chain.Clear();
        }
    }

    private void Enter(KeyChain<TRecord> chain, WorkPurpose next, long now)
    {
        chain.Parking = new() { Failed = chain.Peek(), Since = now, Next = next, OverSince = now, IsOver = next == WorkPurpose.SetAside, Records = chain.Waiting, Bytes = chain.SumBytes() };
        _chains.Add(chain);
        lot.Enter(chain.Parking);
    }

    private bool WaitOrGiveUp(KeyChain<TRecord> chain, KeyParking<TRecord> parking, long now)
    {
        if (parking.Next == WorkPurpose.SetAside)
        {
            // It could not be set aside: that is tried for as long again.
            return Wait(chain, parking, now, parking.OverSince);
        }

        if (parking.IsOver || parking.Tries >= settings.Retries || now - parking.Since >= settings.MaxTime || lot.IsOverfull)
        {
            (parking.IsOver, parking.OverSince) = (true, now);
            return SetAside(chain, parking);
        }

        return Wait(chain, parking, now, parking.Since);
    }

    private bool Wait(KeyChain<TRecord> chain, KeyParking<TRecord> parking, long now, long since)
    {
        if (now - since >= settings.MaxTime)
        {
            return false;
        }

        // The last try is when the time is over, not before.
        lot.Wait(partition, chain, parking, Math.Min(now + Math.Min(settings.DelayAfter(parking.Tries), long.MaxValue - now), since + Math.Min(settings.MaxTime, long.MaxValue - since)));
        return true;
    }

    private bool SetAside(KeyChain<TRecord> chain, KeyParking<TRecord> parking)
    {
        if (!settings.SetsAside)
        {
            return false;
        }

        var hasTurn = parking.Due is null && _turns.Contains(chain);
        (parking.Next, parking.Tries, parking.Due) = (WorkPurpose.SetAside, 0, null);

        if (!hasTurn)
        {
            _turns.Add(chain);
        }

        return true;
    }
}
