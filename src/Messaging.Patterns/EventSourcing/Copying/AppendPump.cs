using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Messaging.Patterns.EventSourcing.Copying.Protocol;

namespace Messaging.Patterns.EventSourcing.Copying;

/// <summary>Reads the appends of a feed and hands each to an action: many at a time, those of a stream one after the other.</summary>
/// <param name="source">The feed.</param>
/// <param name="options">Where to begin, which streams, how many at a time.</param>
internal sealed class AppendPump(IEventFeed source, EventCopyOptions options) : IDisposable
{
    private static readonly FeedReadOptions Raw = new() { Raw = true };

    private readonly Lock _gate = new();
    private readonly CopyWindow _window = new(options.After);
    private readonly CopyReport _report = new(options);
    private readonly Channel<CopiedAppend> _ready = Channel.CreateUnbounded<CopiedAppend>();

    // What waits for its turn in its stream takes room too: with as much again as may be under way, a long stream keeps few others from their turn.
    private readonly SemaphoreSlim _room = new(2 * options.MaxInFlight);

    /// <summary>Runs up to the end of what the source held when it began, or to the first failure.</summary>
    /// <param name="action">What is done with an append; returns whether the target had it already.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async Task<EventCopyProgress> RunAsync(Func<CopiedAppend, CancellationToken, ValueTask<bool>> action, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadAsync(stopping.Token);

        try
        {
            var limits = new ParallelOptions { MaxDegreeOfParallelism = options.MaxInFlight, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(
                _ready.Reader.ReadAllAsync(cancellationToken), limits, async (append, token) => Complete(append, await action(append, token).ConfigureAwait(false))).ConfigureAwait(false);
        }
        finally
        {
            await stopping.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }

        return _report.End();
    }

    /// <summary>Takes note of a failure after which an append is tried again.</summary>
    public void Failed(MessagingException failure)
    {
        lock (_gate)
        {
            _report.Failed(failure);
        }
    }

    public void Dispose() => _room.Dispose();

    // It never fails: what went wrong is told to whoever takes from the channel.
    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var append in AppendsAsync(cancellationToken).ConfigureAwait(false))
            {
                await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
                Begin(append);
            }

            // All room is free again when everything has come to its end.
            for (var freed = 0; freed < 2 * options.MaxInFlight; freed++)
            {
                await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            _ready.Writer.Complete();
        }
        catch (Exception exception)
        {
            _ready.Writer.Complete(exception);
        }
    }

    private async IAsyncEnumerable<CopiedAppend> AppendsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var grouping = new AppendGrouping();

        await foreach (var recorded in source.ReadAllAsync(options.After, Raw, cancellationToken).ConfigureAwait(false))
        {
            if (options.Includes?.Invoke(recorded.Stream) != false && grouping.Add(recorded) is { } append)
            {
                yield return append;
            }
        }

        if (grouping.End() is { } last)
        {
            yield return last;
        }
    }

    private void Begin(CopiedAppend append)
    {
        lock (_gate)
        {
            if (_window.TryBegin(append))
            {
                _ready.Writer.TryWrite(append);
            }
        }
    }

    private void Complete(CopiedAppend append, bool wasThere)
    {
        lock (_gate)
        {
            if (_window.Complete(append) is { } next)
            {
                _ready.Writer.TryWrite(next);
            }

            _report.Done(append, wasThere, _window.Position);
        }

        _room.Release();
    }
}
