using System.Diagnostics.CodeAnalysis;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>
/// Which record of an assigned partition is handled next, and what may be committed: one record at a time, in the order of offsets. Pure; the caller locks.
/// </summary>
/// <typeparam name="TRecord">The records.</typeparam>
internal sealed class PartitionDispatch<TRecord>
{
    private readonly int _capacity;
    private readonly Queue<PartitionWork<TRecord>> _waiting = new();
    private readonly OffsetTracker _tracker = new();
    private bool _isBusy;

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

    /// <summary>Gets whether no more records should be taken for now.</summary>
    public bool IsFull => _waiting.Count >= _capacity;

    /// <summary>Gets whether so much was handled that more should be taken: not at the first free place, since every pause costs what was fetched ahead.</summary>
    public bool HasRoom => _waiting.Count <= _capacity / 2;

    /// <summary>Gets whether a record is being handled.</summary>
    public bool IsBusy => _isBusy;

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
    public bool TryBegin([MaybeNullWhen(false)] out PartitionWork<TRecord> work)
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

    /// <summary>A record failed: the partition stops before it, and what waits is dropped.</summary>
    /// <returns>Whether that counts: not if the partition left meanwhile.</returns>
    public bool Fail(in PartitionWork<TRecord> work)
    {
        if (work.Generation != Generation)
        {
            return false;
        }

        Stop();
        return true;
    }

    /// <summary>The partition cannot be read on: it stops after what was taken so far.</summary>
    public void Stop()
    {
        _isBusy = false;
        _waiting.Clear();
        Phase = Phase == PartitionPhase.Running ? PartitionPhase.Stopped : Phase;
    }

    /// <summary>The partition is about to leave: nothing is given out any more.</summary>
    public void Drain()
    {
        _waiting.Clear();
        Phase = Phase is PartitionPhase.Running ? PartitionPhase.Draining : Phase;
    }

    /// <summary>The partition has left: whatever is still reported does not count.</summary>
    public void Leave()
    {
        _waiting.Clear();
        _isBusy = false;
        Phase = PartitionPhase.Left;
        Generation++;
    }

    /// <summary>Fetching is paused.</summary>
    public void Pause() => IsPaused = true;

    /// <summary>Returns whether fetching is to go on, and takes it as done.</summary>
    public bool TryResume()
    {
        if (!IsPaused || !HasRoom || Phase != PartitionPhase.Running)
        {
            return false;
        }

        IsPaused = false;
        return true;
    }
}
