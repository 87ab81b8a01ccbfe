namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>When the tail of the partition rests. One thread, that of the tail, calls these.</summary>
internal sealed partial class LogPartition
{
    // Enough to tell a writer that has the partition to itself for a while from two that take turns.
    private const int OwnToRest = 32;

    private bool _isResting;
    private long _awaited;

    /// <summary>Gets whether the tail rests.</summary>
    public bool IsResting => Volatile.Read(ref _isResting);

    /// <summary>Gets whether the log is known to hold what only the tail can bring: an acknowledgement left a gap, or a read waits for what others wrote.</summary>
    public bool NeedsTail
    {
        get
        {
            lock (_gate)
            {
                return HasMore;
            }
        }
    }

    private bool HasMore => _writer.HasParked || _awaited > _writer.Position;

    /// <summary>Gets the offset at which a tail begins.</summary>
    public long TailStart
    {
        get
        {
            lock (_gate)
            {
                return _writer.TailStart;
            }
        }
    }

    /// <summary>Says that the log holds everything below an offset, and that somebody waits for it: until it is folded the tail does not rest.</summary>
    public void Await(long next)
    {
        lock (_gate)
        {
            _awaited = Math.Max(_awaited, next);
        }
    }

    /// <summary>Lets the tail rest if it would only bring what this process wrote itself, and returns whether it does.</summary>
    public bool TryRest()
    {
        lock (_gate)
        {
            if (_isResting || _writer.OwnInRow < OwnToRest || HasMore || !_writer.IsConfirmed || _writer.Fault is not null || !_caughtUp.Task.IsCompleted)
            {
                return false;
            }

            _writer.RestTail();
            return _isResting = true;
        }
    }

    /// <summary>Begins to follow the log (again) and returns the offset to begin at.</summary>
    public long StartTail()
    {
        lock (_gate)
        {
            _isResting = false;
            return _writer.StartTail();
        }
    }
}
