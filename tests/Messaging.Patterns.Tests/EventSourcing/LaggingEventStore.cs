using System.Runtime.CompilerServices;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Tests.EventSourcing;

/// <summary>One stream of a store whose local reads can lag behind, as they do in a process that has not folded the end of the log yet.</summary>
internal sealed class LaggingEventStore : IEventStore
{
    private readonly List<RecordedEvent> _events = [];

    /// <summary>Gets or sets the version up to which local reads see the stream.</summary>
    public long LocalVersion { get; set; } = long.MaxValue;

    /// <summary>Gets the reads and appends that were asked for, in order.</summary>
    public List<object> Calls { get; } = [];

    public IReadOnlyList<RecordedEvent> Events => _events;

    public IReadOnlyList<object> Payloads => [.. _events.Select(recorded => recorded.Payload)];

    public async IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamId stream, StreamReadOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Calls.Add(options!);
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        var limit = options!.Consistency == ReadConsistency.Local ? LocalVersion : long.MaxValue;

        foreach (var recorded in _events.Where(recorded => recorded.Version >= options.FromVersion && recorded.Version <= limit).ToList())
        {
            yield return recorded;
        }
    }

    public ValueTask<AppendResult> AppendAsync(
        StreamId stream,
        ExpectedVersion expected,
        IReadOnlyList<EventData> events,
        AppendOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        Calls.Add(options!);

        if (!expected.IsMetBy(_events.Count))
        {
            throw new StreamConflictException(stream, expected, _events.Count, PositionAt(_events.Count));
        }

        var id = options is null || options.Id.IsEmpty ? AppendId.New() : options.Id;
        var position = PositionAt(_events.Count + events.Count);
        _events.AddRange([.. events.Select((data, index) => new RecordedEvent
        {
            Stream = stream,
            Version = _events.Count + index + 1,
            Id = data.Id ?? id.ToEventId(index),
            Type = data.Payload.GetType().Name,
            Time = DateTimeOffset.UnixEpoch,
            Position = position,
            Payload = data.Payload,
            Metadata = data.Metadata,
        })]);
        return ValueTask.FromResult(new AppendResult(_events.Count, position));
    }

    public ValueTask<AppendResolution> ResolveAsync(PendingAppend pending, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    private static Position PositionAt(long next) => Position.At("log:0", next);
}
