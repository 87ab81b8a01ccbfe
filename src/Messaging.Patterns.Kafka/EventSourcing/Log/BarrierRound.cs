namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>Those who share a barrier: they all asked before it was sent.</summary>
internal sealed class BarrierRound
{
    private readonly TaskCompletionSource<long> _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;

    /// <summary>Gets whether nobody waits any more.</summary>
    public bool IsAbandoned => Volatile.Read(ref _waiting) == 0;

    public void Join() => Interlocked.Increment(ref _waiting);

    /// <summary>Waits for the barrier, and returns the offset after it.</summary>
    public async Task<long> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _written.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Complete(long next) => _written.TrySetResult(next);

    public void Fail(Exception exception)
    {
        // Whoever has left will not look at it.
        _written.TrySetException(exception);
        _ = _written.Task.Exception;
    }
}
