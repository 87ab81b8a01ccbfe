namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>Wakes all reads that wait for an append of this process.</summary>
internal sealed class AppendSignal
{
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets what completes with the next append. Take it before looking, lest an append in between be missed.</summary>
    public Task Next => Volatile.Read(ref _appended).Task;

    public void Set() => Interlocked.Exchange(ref _appended, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    /// <summary>Waits for an append, at most so long.</summary>
    public static async Task WaitAsync(Task next, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await next.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What others appended is found by looking.
        }
    }
}
