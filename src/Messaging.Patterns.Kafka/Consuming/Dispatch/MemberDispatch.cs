namespace Messaging.Patterns.Kafka.Consuming.Dispatch;

/// <summary>
/// What a member of a consumer group handles next, over all its partitions, and how many workers it takes. Any free worker takes what is ready next; partitions
/// take turns, and so do the keys of each. Pure: it is told what happens, and what time it is; the caller locks.
/// </summary>
/// <remarks>After every call that may make work ready the caller asks <see cref="TryStartWorker"/>, until it says no.</remarks>
/// <typeparam name="TRecord">The records.</typeparam>
internal sealed class MemberDispatch<TRecord>
{
    private const int LeastAhead = 1024;

    private readonly DispatchSettings _settings;
    private readonly BufferBudget _budget;
    private readonly ParkingLot<TRecord> _lot;
    private readonly Stack<KeyChain<TRecord>> _spare = new();
    private readonly Queue<PartitionDispatch<TRecord>> _due = new();
    private readonly Queue<(PartitionDispatch<TRecord> Partition, long Until)> _lingering = new();
    private bool _isStarting;
    private int _maxConcurrency;

    public MemberDispatch(DispatchSettings settings)
    {
        (_settings, _budget, _lot) = (settings, new(settings.MaxRecords, settings.MaxBytes), new(settings.Parking));
        MaxConcurrency = settings.MaxConcurrency;
    }

    /// <summary>Gets or sets how many workers handle at once. Fewer take effect as workers get done.</summary>
    public int MaxConcurrency
    {
        get => _maxConcurrency;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _maxConcurrency = value;
        }
    }

    /// <summary>Gets how many workers handle, or are about to.</summary>
    public int Workers { get; private set; }

    /// <summary>Gets whether there is work for one more worker.</summary>
    public bool WantsWorker => !_isStarting && Workers < MaxConcurrency && _due.Count > 0;

    /// <summary>Gets how many records are held: those that wait, and those that are being handled.</summary>
    public int Records => _budget.Records;

    /// <summary>Gets how many bytes they take.</summary>
    public long Bytes => _budget.Bytes;

    /// <summary>Gets whether so many records are ready that workers lack nothing for a while, were they as fast as the poller.</summary>
    public bool IsAhead => _budget.Ready >= AheadLimit;

    /// <summary>Gets whether workers have caught up so far that more is to be taken.</summary>
    public bool IsCaughtUp => _budget.Ready < AheadLimit / 2;

    /// <summary>Gets the time, as far as <see cref="Advance"/> said.</summary>
    public long Now { get; private set; }

    /// <summary>Gets when <see cref="Advance"/> may make records ready next; <see langword="null"/> if none wait for others.</summary>
    public long? NextDue => (_lingering.TryPeek(out var first), _lot.NextDue) switch
    {
        (false, var due) => due,
        (true, { } due) => Math.Min(first.Until, due),
        _ => first.Until,
    };

    /// <summary>Gets how many keys stand still because a record of theirs failed.</summary>
    public int ParkedKeys => _lot.Keys;

    /// <summary>Gets how many records of such keys are held.</summary>
    public int ParkedRecords => _lot.Records;

    /// <summary>Gets how many bytes they take.</summary>
    public long ParkedBytes => _lot.Bytes;

    private long AheadLimit => Math.Max(LeastAhead, 2L * MaxConcurrency * _settings.BatchSize);

    /// <summary>A partition is assigned.</summary>
    public PartitionDispatch<TRecord> Assign() => new(_settings, _budget, _lot, _spare);

    /// <summary>The redirected records of a partition are given out beside it, one by one. When and how often, somebody else decides.</summary>
    public PartitionDispatch<TRecord> AssignRetries() => new(_settings with { BatchSize = 1, MaxUncommitted = int.MaxValue }, _budget, _lot, _spare);

    /// <summary>A record that was taken is to be handled.</summary>
    public void Enqueue(PartitionDispatch<TRecord> partition, in TakenRecord<TRecord> taken, RecordKey key)
    {
        partition.Enqueue(taken, key, Now);
        Taken(partition);
    }

    /// <summary>A record that was taken holds nothing to handle.</summary>
    public void PassOver(PartitionDispatch<TRecord> partition, in TakenRecord<TRecord> taken)
    {
        partition.PassOver(taken);
        Taken(partition);
    }

    /// <summary>A partition ends at an offset for now: nothing before it is still to come.</summary>
    public void ReachedEnd(PartitionDispatch<TRecord> partition, long next)
    {
        partition.ReachedEnd(next);
        Taken(partition);
    }

    /// <summary>Time passes.</summary>
    public void Advance(long now)
    {
        Now = Math.Max(Now, now);

        while (_lingering.TryPeek(out var first) && first.Until <= Now)
        {
            _lingering.Dequeue();

            if (first.Partition.LingersUntil == first.Until)
            {
                MakeDue(first.Partition);
            }
        }

        while (_lot.TryTakeDue(Now, out var partition, out var chain))
        {
            partition.Wake(chain);
            MakeDue(partition);
        }
    }

    /// <summary>Returns whether one more worker is to be started, and takes it as started. They start one after another, each when the one before has found work.</summary>
    public bool TryStartWorker()
    {
        if (!WantsWorker)
        {
            return false;
        }

        _isStarting = true;
        Workers++;
        return true;
    }

    /// <summary>A worker asks for work. If there is none for it, it has ended.</summary>
    /// <param name="batch">Takes the records.</param>
    /// <param name="isFirst">Whether the worker asks for the first time since it was started.</param>
    public bool TryBegin(WorkBatch<TRecord> batch, bool isFirst)
    {
        if (isFirst)
        {
            _isStarting = false;
        }

        if (Workers <= MaxConcurrency && TryGive(batch))
        {
            return true;
        }

        Workers--;
        return false;
    }

    /// <summary>A worker brings back what it was given. If something of it failed, <see cref="Advance"/> comes first.</summary>
    /// <returns>Whether that counts: not if the partition left meanwhile.</returns>
    public bool Return(WorkBatch<TRecord> batch)
    {
        var counts = batch.Partition.Return(batch, Now);
        Schedule(batch.Partition);
        return counts;
    }

    private void Taken(PartitionDispatch<TRecord> partition)
    {
        partition.Relieve(Now);
        Schedule(partition);
    }

    private bool TryGive(WorkBatch<TRecord> batch)
    {
        while (_due.TryDequeue(out var partition))
        {
            (partition.IsDue, partition.LingersUntil) = (false, null);

            if (partition.Ready > 0 || partition.HasTurn)
            {
                partition.Give(batch);
                Schedule(partition);
                return true;
            }
        }

        return false;
    }

    private void Schedule(PartitionDispatch<TRecord> partition)
    {
        if (partition.HasTurn)
        {
            MakeDue(partition);
        }

        if (partition.IsDue || partition.Ready == 0)
        {
            return;
        }

        if (_settings.BatchTimeout == 0 || partition.Ready >= _settings.BatchSize)
        {
            MakeDue(partition);
        }
        else if (partition.LingersUntil is null)
        {
            partition.LingersUntil = Now + _settings.BatchTimeout;
            _lingering.Enqueue((partition, partition.LingersUntil.Value));
        }
    }

    private void MakeDue(PartitionDispatch<TRecord> partition)
    {
        if (!partition.IsDue)
        {
            partition.IsDue = true;
            _due.Enqueue(partition);
        }
    }
}
