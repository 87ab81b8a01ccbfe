namespace Messaging.Patterns.Outbox;

/// <summary>Wakes whoever waits for work. Several wake-ups before it looks are one.</summary>
internal sealed class OutboxSignal : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(0, 1);
    private int _isSet;

    /// <summary>Wakes it. Cheap, and called inside commits: never waits.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _isSet, 1) == 0)
        {
            _semaphore.Release();
        }
    }

    /// <summary>Waits for a wake-up, at most so long.</summary>
    public async Task<bool> WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (!await _semaphore.WaitAsync(limit, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        // Before the work is looked for: what comes from now on wakes again.
        Volatile.Write(ref _isSet, 0);
        return true;
    }

    public void Dispose() => _semaphore.Dispose();
}
