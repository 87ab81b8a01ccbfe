namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>Those who wait until something has passed an offset.</summary>
internal sealed class OffsetWaiters
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _waiting = new();
    private long _passed;
    private Exception? _failure;

    /// <summary>Gets the offset below which everything has passed.</summary>
    public long Passed => Volatile.Read(ref _passed);

    /// <summary>Completes when everything below an offset has passed.</summary>
    public ValueTask WaitAsync(long next, CancellationToken cancellationToken)
    {
        if (Passed >= next)
        {
            return ValueTask.CompletedTask;
        }

        TaskCompletionSource waiter;

        lock (_gate)
        {
            if (_passed >= next)
            {
                return ValueTask.CompletedTask;
            }

            if (_failure is not null)
            {
                return ValueTask.FromException(_failure);
            }

            waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(waiter, next);
        }

        return new(WaitAsync(waiter, cancellationToken));
    }

    public void Advance(long next)
    {
        lock (_gate)
        {
            Volatile.Write(ref _passed, Math.Max(_passed, next));

            while (_waiting.TryPeek(out var waiter, out var target) && target <= _passed)
            {
                _waiting.Dequeue();
                waiter.TrySetResult();
            }
        }
    }

    private async Task WaitAsync(TaskCompletionSource waiter, CancellationToken cancellationToken)
    {
        try
        {
            await waiter.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The offset may never be passed, and many may give up on it.
            lock (_gate)
            {
                _waiting.Remove(waiter, out _, out _);
            }

            throw;
        }
    }

    public void Fail(Exception failure)
    {
        lock (_gate)
        {
            _failure = failure;

            while (_waiting.TryDequeue(out var waiter, out _))
            {
                waiter.TrySetException(failure);
            }
        }
    }
}
