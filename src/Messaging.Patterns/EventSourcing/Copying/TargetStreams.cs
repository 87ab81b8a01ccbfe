using Messaging.Patterns.EventSourcing.Copying.Protocol;

namespace Messaging.Patterns.EventSourcing.Copying;

/// <summary>Reads what a target holds.</summary>
internal static class TargetStreams
{
    /// <summary>Reads the events in the place of an append.</summary>
    public static ValueTask<List<RecordedEvent>> ReadAsync(IEventReader target, CopiedAppend append, ReadConsistency consistency, CancellationToken cancellationToken) =>
        ReadAsync(target, append.Stream, new() { FromVersion = append.FirstVersion, MaxCount = append.Events.Count, Consistency = consistency, Raw = true }, cancellationToken);

    public static ValueTask<List<RecordedEvent>> ReadAsync(IEventReader target, StreamId stream, StreamReadOptions options, CancellationToken cancellationToken) =>
        target.ReadStreamAsync(stream, options, cancellationToken).ToListAsync(cancellationToken);
}
