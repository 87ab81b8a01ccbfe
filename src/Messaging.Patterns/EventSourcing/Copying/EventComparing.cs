using System.Collections.Concurrent;
using Messaging.Patterns.EventSourcing.Copying.Protocol;

namespace Messaging.Patterns.EventSourcing.Copying;

/// <summary>Compares the appends of a feed with what a target holds, and looks whether the target holds more.</summary>
internal sealed class EventComparing(IEventReader target, AppendPump pump, EventCopyOptions options)
{
    private const int MaxDifferences = 100;

    private readonly ConcurrentDictionary<StreamId, long> _ends = [];
    private readonly ConcurrentQueue<EventDifference> _differences = [];

    public async Task<EventComparison> RunAsync(CancellationToken cancellationToken)
    {
        var progress = await pump.RunAsync(CompareAsync, cancellationToken).ConfigureAwait(false);
        var limits = new ParallelOptions { MaxDegreeOfParallelism = options.MaxInFlight, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(_ends, limits, (end, token) => LookBeyondAsync(end.Key, end.Value, token)).ConfigureAwait(false);
        return new(progress, _ends.Count, [.. _differences.Take(MaxDifferences)]);
    }

    private async ValueTask<bool> CompareAsync(CopiedAppend append, CancellationToken cancellationToken)
    {
        _ends[append.Stream] = append.LastVersion;
        var found = await TargetStreams.ReadAsync(target, append, ReadConsistency.Local, cancellationToken).ConfigureAwait(false);

        // This process may not know yet what another one wrote.
        if (found.Count < append.Events.Count)
        {
            found = await TargetStreams.ReadAsync(target, append, ReadConsistency.Strong, cancellationToken).ConfigureAwait(false);
        }

        Note(Differences.Find(append, found));
        return true;
    }

    private async ValueTask LookBeyondAsync(StreamId stream, long last, CancellationToken cancellationToken)
    {
        var beyond = new StreamReadOptions { FromVersion = last + 1, MaxCount = 1, Consistency = ReadConsistency.Strong, Raw = true };

        foreach (var found in await TargetStreams.ReadAsync(target, stream, beyond, cancellationToken).ConfigureAwait(false))
        {
            Note(Differences.Beyond(found));
        }
    }

    private void Note(EventDifference? difference)
    {
        if (difference is not null && _differences.Count < MaxDifferences)
        {
            _differences.Enqueue(difference);
        }
    }
}
