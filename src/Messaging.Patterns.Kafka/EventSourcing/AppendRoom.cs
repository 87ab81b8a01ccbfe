using Messaging.Patterns.Kafka.EventSourcing.Storage;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>Lets appends in, in the order in which they come, and makes them wait while too much is under way or the read store is behind.</summary>
/// <param name="maxAppends">The most appends under way.</param>
/// <param name="maxBytes">The most bytes of their frames; a larger one goes alone.</param>
/// <param name="backlog">What the read store of this process has not committed; <see langword="null"/> where there is none.</param>
/// <param name="time">The clock.</param>
internal sealed class AppendRoom(int maxAppends, long maxBytes, StoreBacklog? backlog, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private int _appends;
    private long _bytes;

    /// <summary>Gets how many appends wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Gets whether the read store holds appends back.</summary>
    public bool IsStoreBehind => backlog is { HasRoomForAppends: false };

    /// <summary>Lets an append in if there is room and nobody waits.</summary>
    public bool TryEnter(long bytes)
    {
        lock (_gate)
        {
            return _waiting.Count == 0 && TryTake(bytes);
        }
    }

    /// <summary>Completes when the append is let in.</summary>
    /// <exception cref="TimeoutException">There was no room in time.</exception>
    public async Task EnterAsync(long bytes, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(bytes);
        var place = new LinkedListNode<Waiter>(waiter);

        lock (_gate)
        {
            if (_waiting.Count == 0 && TryTake(bytes))
            {
                return;
            }

            _waiting.AddLast(place);
        }

        try
        {
            await waiter.Entered.Task.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            GiveUp(place);
            throw;
        }
    }

    /// <summary>An append is answered. Called under a partition's lock.</summary>
    public void Leave(long bytes)
    {
        lock (_gate)
        {
            _appends--;
            _bytes -= bytes;
            LetIn();
        }
    }

    /// <summary>The read store has caught up.</summary>
    public void StoreCaughtUp()
    {
        lock (_gate)
        {
            LetIn();
        }
    }

    private void GiveUp(LinkedListNode<Waiter> place)
    {
        lock (_gate)
        {
            if (place.List is null)
            {
                // Let in at the same moment: the place is for the next.
                _appends--;
                _bytes -= place.Value.Bytes;
            }
            else
            {
                _waiting.Remove(place);
            }

            LetIn();
        }
    }

    private void LetIn()
    {
        while (_waiting.First is { Value: var first } && TryTake(first.Bytes))
        {
            _waiting.RemoveFirst();
            first.Entered.TrySetResult();
        }
    }

    private bool TryTake(long bytes)
    {
        if (_appends >= maxAppends || (_appends > 0 && _bytes + bytes > maxBytes) || IsStoreBehind)
        {
            return false;
        }

        _appends++;
        _bytes += bytes;
        return true;
    }

    private sealed class Waiter(long bytes)
    {
        public long Bytes { get; } = bytes;

        // Not inline: whoever lets appends in holds locks.
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
