namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>When the tail of the partition rests. One thread, that of the tail, calls these.</summary>
internal sealed partial class LogPartition
{
    // Enough to tell a writer that has the partition to itself for a while from two that take turns.
    private const int OwnToRest = 32;

    private bool _isResting;

    /// <summary>Gets whether the tail rests.</summary>
    public bool IsResting => Volatile.Read(ref _isResting);

    /// <summary>Gets whether an acknowledgement left a gap, which only the tail can close.</summary>
    public bool HasGap
    {
        get
        {
            lock (_gate)
            {
                return _writer.HasParked;
            }
        }
    }

    /// <summary>Gets the offset of the last frame folded, at which a tail begins; the place to begin at when there is none.</summary>
    public long TailStart
    {
        get
        {
            lock (_gate)
            {
                return _fold.Last?.Offset ?? _fold.Position;
            }
        }
    }

    /// <summary>Lets the tail rest if it would only bring what this process wrote itself, and returns whether it does.</summary>
    public bool TryRest()
    {
        lock (_gate)
        {
            if (_isResting || _writer.OwnInRow < OwnToRest || _writer.HasParked || !_writer.IsConfirmed || _writer.Fault is not null || !_caughtUp.Task.IsCompleted)
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
