using System.Runtime.CompilerServices;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Testing.EventSourcing;

/// <summary>An event store in the memory of this process, for tests. It passes the same contract suites as the store on Kafka.</summary>
/// <remarks>
/// Events are serialized when they are appended and deserialized when they are read, so type names, upcasters and metadata are checked as on Kafka. Unlike
/// there, streams of every category are accepted, an append is never too large, and no outcome is ever unknown.
/// </remarks>
internal sealed class InMemoryEventStore(EventCodec codec, IOptions<InMemoryEventStoreOptions> options, TimeProvider time) : IEventStore, IEventFeed
{
    private readonly StoredEventCodec _codec = new(codec, time);
    private readonly InMemoryLog _log = new(options.Value.AppendIdWindow);

    public ValueTask<AppendResult> AppendAsync(
        StreamId stream,
        ExpectedVersion expected,
        IReadOnlyList<EventData> events,
        AppendOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        StoredEventCodec.ThrowIfInvalid(stream, events);
        cancellationToken.ThrowIfCancellationRequested();

        try
        {
            var id = options is null || options.Id.IsEmpty ? AppendId.New(time) : options.Id;
            return new(_log.Append(stream, expected, id, _codec.Encode(id, events)));
        }
        catch (Exception exception)
        {
            // As elsewhere: arguments are refused by the call, everything later is told to who awaits it.
            return ValueTask.FromException<AppendResult>(exception);
        }
    }

    public ValueTask<AppendResolution> ResolveAsync(PendingAppend pending, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pending);
        cancellationToken.ThrowIfCancellationRequested();

        return _log.Find(pending.Stream, pending.Id, pending.FirstVersion) is { } accepted ? new(AppendResolution.Accepted(accepted.ToResult()))
            : _log.Find(pending.Stream, pending.FirstVersion) is not null ? new(AppendResolution.Rejected)
            : pending.Frame.IsEmpty ? new(AppendResolution.Undecided)
            : ValueTask.FromException<AppendResolution>(new ArgumentException($"The frame of pending append {pending.Id} is none of the in-memory event store, whose appends are never pending.", nameof(pending)));
    }

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(StreamId stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new StreamReadOptions();
        StoredEventCodec.ThrowIfInvalid(options);
        return ReadStreamCoreAsync(stream, options, cancellationToken);
    }

    public IAsyncEnumerable<RecordedEvent> ReadAllAsync(Position after, FeedReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(after);
        return ReadAllCoreAsync(after, options ?? new FeedReadOptions(), cancellationToken);
    }

    private async IAsyncEnumerable<RecordedEvent> ReadStreamCoreAsync(
        StreamId stream, StreamReadOptions read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await WaitForAsync(read.Consistency.Position ?? Position.Start, cancellationToken).ConfigureAwait(false);
        var (version, left) = (read.FromVersion, read.MaxCount);

        while (left > 0 && _log.Find(stream, version) is { } append)
        {
            for (; version <= append.LastVersion && left > 0; version++, left--)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return Decode(append, (int)(version - append.FirstVersion), read.Raw);
            }
        }
    }

    private async IAsyncEnumerable<RecordedEvent> ReadAllCoreAsync(
        Position after, FeedReadOptions read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var end = read.Follow ? long.MaxValue : _log.End;

        for (var next = InMemoryLog.NextOf(after); next < end; next++)
        {
            await _log.WaitAsync(next + 1, cancellationToken).ConfigureAwait(false);
            var append = _log.Find(next)!;

            for (var index = 0; index < append.Events.Count; index++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return Decode(append, index, read.Raw);
            }
        }
    }

    private RecordedEvent Decode(StoredAppend append, int index, bool isRaw) =>
        _codec.Decode(append.Events[index], append.Stream, append.FirstVersion + index, append.ToResult().Position, isRaw);

    private async Task WaitForAsync(Position position, CancellationToken cancellationToken)
    {
        try
        {
            await _log.WaitAsync(InMemoryLog.NextOf(position), cancellationToken).WaitAsync(options.Value.ReadTimeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new PositionNotReachedException(position, options.Value.ReadTimeout, exception);
        }
    }
}
