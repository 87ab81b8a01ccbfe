using Messaging.Patterns.Consuming;

namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>
/// One assignment of a partition: which of its records may be handled now, and what may be committed. Records of a key follow each other; those of other keys
/// do not wait for them. Pure; the caller locks.
/// </summary>
/// <remarks>A new assignment is a new object, so what is reported to a former one never counts for its successor.</remarks>
/// <typeparam name="TRecord">The records.</typeparam>
internal sealed class PartitionDispatch<TRecord>
{
    private readonly DispatchSettings _settings;
    private readonly BufferBudget _budget;
    private readonly Stack<KeyChain<TRecord>> _spare;
    private readonly BufferShare _share = new();
    private readonly OffsetTracker _tracker = new();
    private readonly Dictionary<RecordKey, KeyChain<TRecord>> _chains = [];
    private readonly Queue<KeyChain<TRecord>> _ready = new();
    private readonly PartitionParking<TRecord> _parking;
    private long _bytesInFlight;
    private bool _isClosed;

    /// <summary>Starts the assignment of a partition.</summary>
    /// <param name="settings">How the member dispatches.</param>
    /// <param name="budget">The member's budget.</param>
    /// <param name="lot">The member's parked keys.</param>
    /// <param name="spare">Chains that nobody uses.</param>
    public PartitionDispatch(DispatchSettings settings, BufferBudget budget, ParkingLot<TRecord> lot, Stack<KeyChain<TRecord>> spare)
    {
        (_settings, _budget, _spare) = (settings, budget, spare);
        _parking = new(this, settings.Parking, lot);
        _budget.Join(_share);
    }

    /// <summary>Gets what the partition is doing.</summary>
    public PartitionPhase Phase { get; private set; }

    /// <summary>Gets whether fetching is paused.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Gets how many records are being handled.</summary>
    public int InFlight { get; private set; }

    /// <summary>Gets how many records may be given out now.</summary>
    public int Ready
    {
        get;
        private set
        {
            _budget.Ready += value - field;
            field = value;
        }
    }

    /// <summary>Gets whether it is the turn of a parked key.</summary>
    public bool HasTurn => _parking.HasTurn;

    /// <summary>Gets the keys that stand still because the first of their records failed.</summary>
    public IReadOnlyCollection<KeyChain<TRecord>> Parked => _parking.Chains;

    /// <summary>Gets the record at which the partition stopped because it failed; <see langword="null"/> if it did not.</summary>
    public TakenRecord<TRecord>? StoppedAt { get; private set; }

    /// <summary>Gets or sets what tells whether records of a key are only to be set aside, since they must follow others that were; <see langword="null"/> if there are none.</summary>
    public Predicate<RecordKey>? IsRedirected { get; set; }

    /// <summary>Gets or sets whether the member has the partition in line to give records out of it.</summary>
    public bool IsDue { get; set; }

    /// <summary>Gets or sets until when records that are ready wait for others to be given out with; <see langword="null"/> if they do not.</summary>
    public long? LingersUntil { get; set; }

    /// <summary>Gets whether one more record can be taken: the partition runs and nothing is full.</summary>
    public bool CanTake => IsOpen && _tracker.Pending < _settings.MaxUncommitted && _budget.CanTake(_share);

    /// <summary>Gets whether so much can be taken that waking somebody for it pays.</summary>
    public bool HasRoom => IsOpen && _tracker.Pending < _settings.MaxUncommitted && _budget.HasRoom(_share);

    /// <summary>Gets whether the partition runs and takes records.</summary>
    public bool IsOpen => Phase == PartitionPhase.Running && !_isClosed;

    /// <summary>Gets the offset that may be committed, or <see langword="null"/> while there is none.</summary>
    public long? Committable => Phase == PartitionPhase.Left ? null : _tracker.Committable;

    /// <summary>Takes a record that was fetched. It is then to be enqueued, passed over or refused, in the order in which it was taken.</summary>
    /// <returns>Whether it is taken: not if it was before, or if the partition takes none any more.</returns>
    public bool TryTake(long offset, int bytes, TRecord record, out TakenRecord<TRecord> taken)
    {
        if (!IsOpen || offset <= _tracker.LastTaken)
        {
            taken = default;
            return false;
        }

        taken = new(_tracker.Take(offset), offset, bytes, record);
        _budget.Take(_share, bytes);
        return true;
    }

    /// <summary>A record is to be handled, after those of its key that were taken before it.</summary>
    public void Enqueue(in TakenRecord<TRecord> taken, RecordKey key, long now)
    {
        if (Phase != PartitionPhase.Running)
        {
            return;
        }

        var chain = FindChain(key);

        if (chain.IsBlocked)
        {
            _budget.Release(_share, 1, taken.Bytes);
            return;
        }

        chain.Enqueue(taken);

        if (chain.Parking is not null && !_parking.Add(chain, taken.Bytes, now))
        {
            Block(chain);
        }

        if (chain.IsFree)
        {
            Ready++;

            if (chain.Waiting == 1)
            {
                _ready.Enqueue(chain);
            }
        }
    }

    /// <summary>A record holds nothing to handle.</summary>
    public void PassOver(in TakenRecord<TRecord> taken)
    {
        if (Phase == PartitionPhase.Running)
        {
            _tracker.Complete(taken.Ticket);
            _budget.Release(_share, 1, taken.Bytes);
        }
    }

    /// <summary>A record that was taken cannot be read: what was taken before it is still handled, nothing more is taken, and the commit stays before it.</summary>
    public void Close() => _isClosed = true;

    /// <summary>The partition ends at an offset for now: nothing before it is still to come.</summary>
    public void ReachedEnd(long next)
    {
        if (IsOpen)
        {
            _tracker.SkipTo(next);
        }
    }

    /// <summary>Gives out records that are ready. Those of a key are given out together or after each other, never side by side; what failed before, alone.</summary>
    public void Give(WorkBatch<TRecord> batch)
    {
        batch.Begin(this);

        if (_parking.TryTake(out var parked))
        {
            batch.Purpose = parked.Parking!.Next;
            Give(batch, parked);
            InFlight++;
            return;
        }

        var chains = 0;

        while (batch.Count < _settings.BatchSize && _ready.TryPeek(out var chain))
        {
            var isRedirected = IsRedirected?.Invoke(chain.Key) == true;

            if (isRedirected && chains > 0)
            {
                break;
            }

            _ready.Dequeue();
            chains++;
            Ready -= chain.Waiting;

            if (isRedirected)
            {
                // One after another: of several under way, a later one could be stored without those before it.
                batch.Purpose = WorkPurpose.SetAside;
                Give(batch, chain);
                break;
            }

            while (batch.Count < _settings.BatchSize && chain.Waiting > 0)
            {
                Give(batch, chain);
            }
        }

        InFlight += batch.Count;

        if (chains > 1)
        {
            batch.Sort();
        }
    }

    /// <summary>What was given out came back. The keys of records that failed stand still from now on, or the partition takes nothing more; other keys go on.</summary>
    /// <returns>Whether that counts: not if the partition left meanwhile.</returns>
    public bool Return(WorkBatch<TRecord> batch, long now)
    {
        var (bytes, released, releasedBytes) = (0L, 0, 0L);

        for (var index = 0; index < batch.Count; index++)
        {
            var (taken, chain, isDone) = (batch[index], batch.ChainOf(index), batch.OutcomeOf(index) == WorkOutcome.Done);
            bytes += taken.Bytes;

            if (isDone && Phase != PartitionPhase.Left)
            {
                _tracker.Complete(taken.Ticket);
            }

            if (isDone || Phase != PartitionPhase.Running)
            {
                (released, releasedBytes) = (released + 1, releasedBytes + taken.Bytes);
            }

            if (--chain.InFlight == 0)
            {
                GoOn(chain, batch, now);
            }
        }

        InFlight -= batch.Count;
        _bytesInFlight -= bytes;
        _budget.Release(_share, released, releasedBytes);
        Relieve(now);
        return Phase != PartitionPhase.Left;
    }

    /// <summary>The time of a parked key has come.</summary>
    public void Wake(KeyChain<TRecord> chain) => _parking.Wake(chain);

    /// <summary>Ends the patience with the key that holds the commit back, once that costs too much.</summary>
    public void Relieve(long now)
    {
        if (_parking.Chains.Count > 0 && _tracker.Pending >= _settings.MaxUncommitted && _parking.Find(_tracker.First) is { } chain && !_parking.GiveUp(chain, now))
        {
            Block(chain);
        }
    }

    /// <summary>The partition cannot be read on: nothing more is given out. What is being handled may still be done.</summary>
    public void Stop() => GiveOutNothing(PartitionPhase.Stopped);

    /// <summary>The partition is about to leave: nothing more is given out. What is being handled may still be done.</summary>
    public void Drain() => GiveOutNothing(PartitionPhase.Draining);

    /// <summary>The partition has left: whatever is still reported does not count.</summary>
    public void Leave()
    {
        GiveOutNothing(PartitionPhase.Left);
        Phase = PartitionPhase.Left;
        _budget.Leave(_share);
    }

    /// <summary>Fetching is paused.</summary>
    public void Pause() => IsPaused = true;

    /// <summary>Returns whether fetching is to go on, and takes it as done: not at the first free place, since every pause costs what was fetched ahead.</summary>
    public bool TryResume()
    {
        if (!IsPaused || !CanTake || _tracker.Pending > _settings.MaxUncommitted / 2 || !_budget.IsHalfFree(_share))
        {
            return false;
        }

        IsPaused = false;
        return true;
    }

    private KeyChain<TRecord> FindChain(RecordKey key)
    {
        if (_settings.Ordering == ProcessingOrder.Unordered)
        {
            return NewChain(default);
        }

        var own = _settings.Ordering == ProcessingOrder.PerKey ? key : default;

        if (!_chains.TryGetValue(own, out var chain))
        {
            _chains.Add(own, chain = NewChain(own));
        }

        return chain;
    }

    private KeyChain<TRecord> NewChain(RecordKey key)
    {
        var chain = _spare.TryPop(out var spare) ? spare : new KeyChain<TRecord>();
        chain.Key = key;
        return chain;
    }

    private void Give(WorkBatch<TRecord> batch, KeyChain<TRecord> chain)
    {
        var taken = chain.Dequeue();
        chain.InFlight++;
        _bytesInFlight += taken.Bytes;
        batch.Add(chain, taken);
    }

    private void GoOn(KeyChain<TRecord> chain, WorkBatch<TRecord> batch, long now)
    {
        var outcome = batch.IsDone || Phase != PartitionPhase.Running ? WorkOutcome.Done : batch.FirstNotDoneOf(chain);

        if (outcome != WorkOutcome.Done)
        {
            chain.PutBack(batch.NotDoneOf(chain));
        }

        if (outcome is WorkOutcome.Done or WorkOutcome.Untried)
        {
            _parking.Leave(chain);
            GoOn(chain);
        }
        else if (!_parking.Park(chain, outcome, batch.Purpose, now))
        {
            Block(chain);
        }
    }

    /// <summary>Stops at a key: nothing more is taken, and nothing of this key is given out; what was taken of other keys is still handled.</summary>
    private void Block(KeyChain<TRecord> chain)
    {
        StoppedAt ??= chain.Peek();
        _parking.Leave(chain);
        _budget.Release(_share, chain.Waiting, chain.SumBytes());
        chain.Clear();
        chain.IsBlocked = true;
        Close();
    }

    private void GoOn(KeyChain<TRecord> chain)
    {
        if (chain.Waiting > 0)
        {
            Ready += chain.Waiting;
            _ready.Enqueue(chain);
            return;
        }

        if (_settings.Ordering != ProcessingOrder.Unordered)
        {
            _chains.Remove(chain.Key);
        }

        chain.Reset();
        _spare.Push(chain);
    }

    private void GiveOutNothing(PartitionPhase phase)
    {
        if (Phase != PartitionPhase.Running)
        {
            return;
        }

        Phase = phase;

        foreach (var chain in _chains.Values)
        {
            chain.Clear();
        }

        _parking.Clear();
        _ready.Clear();
        Ready = 0;
        _budget.Release(_share, _share.Records - InFlight, _share.Bytes - _bytesInFlight);
    }
}
