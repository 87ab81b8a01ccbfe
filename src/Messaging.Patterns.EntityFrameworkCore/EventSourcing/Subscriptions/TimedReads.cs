namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;

/// <summary>Reads a sequence for whose next element one may wait for some time, and go on without it. One caller at a time.</summary>
internal sealed class TimedReads<T> : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending;
    private readonly IAsyncEnumerator<T> _elements;
    private readonly TimeProvider _time;
    private Task<bool>? _next;

    /// <param name="read">Reads the sequence, which ends only when it is cancelled.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public TimedReads(Func<CancellationToken, IAsyncEnumerable<T>> read, TimeProvider time, CancellationToken cancellationToken)
    {
        _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        (_elements, _time) = (read(_ending.Token).GetAsyncEnumerator(_ending.Token), time);
    }

    /// <summary>Gets the element that was waited for, until it is taken.</summary>
    public T Current => _elements.Current;

    /// <summary>Waits for the next element that was not taken.</summary>
    /// <param name="limit">How long; <see langword="null"/> for as long as it takes.</param>
    /// <returns>Whether it is there.</returns>
    public async ValueTask<bool> WaitAsync(TimeSpan? limit)
    {
        _next ??= _elements.MoveNextAsync().AsTask();

        if (limit is not { } time || _next.IsCompleted)
        {
            return await _next.ConfigureAwait(false);
        }

        if (time <= TimeSpan.Zero)
        {
            return false;
        }

        try
        {
            return await _next.WaitAsync(time, _time).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!_next.IsFaulted)
        {
            return _next.IsCompleted && await _next.ConfigureAwait(false);
        }
    }

    /// <summary>Takes the element, so that the next one is waited for.</summary>
    public void Take() => _next = null;

    public async ValueTask DisposeAsync()
    {
        // A sequence cannot be left while it looks for its next element.
        await _ending.CancelAsync().ConfigureAwait(false);
        await (_next ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _elements.DisposeAsync().ConfigureAwait(false);
        _ending.Dispose();
    }
}
