namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>
/// Which record of an assigned partition is handled next, what may be committed, and when fetching pauses: one record at a time, in the order of offsets.
/// Pure; the caller locks.
/// </summary>
/// <typeparam name="TRecord">The records.</typeparam>
internal sealed class PartitionDispatch<TRecord>
{
    private readonly int _capacity;
    private readonly Queue<PartitionWork<TRecord>> _waiting = new();
    private readonly OffsetTracker _tracker = new();
    private bool _isBusy;
    private bool _isResumeAsked;

    /// <summary>Starts the assignment of a partition.</summary>
    /// <param name="capacity">How many records may wait.</param>
    public PartitionDispatch(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
    }

    /// <summary>Gets what the partition is doing.</summary>
    public PartitionPhase Phase { get; private set; }

    /// <summary>Gets the generation: what was given out in a former one does not count any more.</summary>
    public int Generation { get; private set; }

    /// <summary>Gets whether fetching is paused.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Gets how many records wait.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Gets whether records can be taken: the partition runs and is not full.</summary>
    public bool IsTaking => Phase == PartitionPhase.Running && _waiting.Count < _capacity;

    /// <summary>Gets whether so much was handled that more should be taken: not at the first free place, since every pause costs what was fetched ahead.</summary>
    public bool HasRoom => Phase == PartitionPhase.Running && _waiting.Count <= _capacity / 2;

    /// <summary>Gets the offset that may be committed, or <see langword="null"/> while there is none.</summary>
    public long? Committable => Phase == PartitionPhase.Left ? null : _tracker.Committable;

    /// <summary>Takes a record that was fetched; one that was taken before, or comes when the partition takes none any more, is left out.</summary>
    public void Add(long offset, TRecord record)
    {
        if (Phase == PartitionPhase.Running && offset > _tracker.LastTaken)
        {
            _waiting.Enqueue(new(Generation, _tracker.Take(offset), offset, record));
        }
    }

    /// <summary>The partition ends at an offset for now: nothing before it is still to come.</summary>
    public void ReachedEnd(long next)
    {
        if (Phase == PartitionPhase.Running)
        {
            _tracker.SkipTo(next);
        }
    }

    /// <summary>Gives out the next record, if there is one and none is being handled.</summary>
    public bool TryBegin(out PartitionWork<TRecord> work)
    {
        work = default;

        if (Phase != PartitionPhase.Running || _isBusy || !_waiting.TryDequeue(out work))
        {
            return false;
        }

        _isBusy = true;
        return true;
    }

    /// <summary>A record is done.</summary>
    /// <returns>Whether that counts: not if the partition left meanwhile.</returns>
    public bool Complete(in PartitionWork<TRecord> work)
    {
        if (work.Generation != Generation)
        {
            return false;
        }

        _isBusy = false;
        _tracker.Complete(work.Ticket);
        return true;
    }

    /// <summary>A record is not done, and never will be here: the commit stays before it, and what waits is dropped.</summary>
    /// <returns>Whether that counts: not if the partition left meanwhile.</returns>
    public bool Fail(in PartitionWork<TRecord> work)
    {
        if (work.Generation != Generation)
        {
            return false;
        }

        _isBusy = false;
        Stop();
        return true;
    }

    /// <summary>The partition cannot be read on: nothing more is given out. What is being handled may still be done.</summary>
    public void Stop() => GiveOutNothing(PartitionPhase.Stopped);

    /// <summary>The partition is about to leave: nothing more is given out. What is being handled may still be done.</summary>
    public void Drain() => GiveOutNothing(PartitionPhase.Draining);

    /// <summary>The partition has left: whatever is still reported does not count.</summary>
    public void Leave()
    {
        _waiting.Clear();
        Phase = PartitionPhase.Left;
        Generation++;
    }

    /// <summary>Fetching is paused.</summary>
    public void Pause() => (IsPaused, _isResumeAsked) = (true, false);

    /// <summary>Returns whether it is now time to ask that fetching goes on; once for each pause.</summary>
    public bool AskResume()
    {
        if (!IsPaused || _isResumeAsked || !HasRoom)
        {
            return false;
        }

        _isResumeAsked = true;
        return true;
    }

    /// <summary>Returns whether fetching is to go on, as was asked, and takes it as done.</summary>
    public bool TryResume()
    {
        if (!IsPaused || Phase != PartitionPhase.Running)
        {
            return false;
        }

        IsPaused = false;
        return true;
    }

    private void GiveOutNothing(PartitionPhase phase)
    {
        _waiting.Clear();
        Phase = Phase == PartitionPhase.Running ? phase : Phase;
    }
}
