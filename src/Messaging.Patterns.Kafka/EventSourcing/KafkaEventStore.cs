using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>Writer and reader of one process joined; both stand on one fold of the log.</summary>
internal sealed class KafkaEventStore(IEventReader reader, IEventWriter writer) : IEventStore
{
    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(StreamId stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default) =>
        reader.ReadStreamAsync(stream, options, cancellationToken);

    public ValueTask<AppendResult> AppendAsync(
        StreamId stream,
        ExpectedVersion expected,
        IReadOnlyList<EventData> events,
        AppendOptions? options = null,
        CancellationToken cancellationToken = default) => writer.AppendAsync(stream, expected, events, options, cancellationToken);

    public ValueTask<AppendResolution> ResolveAsync(PendingAppend pending, CancellationToken cancellationToken = default) =>
        writer.ResolveAsync(pending, cancellationToken);
}
