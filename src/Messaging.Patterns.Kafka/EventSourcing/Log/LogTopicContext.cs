using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Storage;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Log;

/// <summary>What the topics of one event log share.</summary>
/// <param name="Clients">Makes the clients.</param>
/// <param name="Options">The options of the log.</param>
/// <param name="Producer">Sends frames; in a process that only reads it is opened by its first barrier.</param>
/// <param name="IsWriter">Whether the process appends.</param>
/// <param name="Frames">Makes frames in the layout in which this process writes.</param>
/// <param name="WritesContentType">Whether records say in a header what they are.</param>
/// <param name="Store">Keeps accepted frames; <see langword="null"/> in a process that only writes.</param>
/// <param name="Checkpoint">Keeps versions in such a process; <see langword="null"/> where nothing is kept.</param>
/// <param name="Metrics">The instruments.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
internal sealed record LogTopicContext(
    KafkaClients Clients,
    KafkaEventStoreOptions Options,
    KafkaProducer Producer,
    bool IsWriter,
    IFrameWriter Frames,
    bool WritesContentType,
    IStreamStore? Store,
    VersionCheckpoint? Checkpoint,
    EventLogMetrics Metrics,
    TimeProvider Time,
    ILogger Logger)
{
    /// <summary>Returns the record of a frame.</summary>
    public Message<byte[], byte[]> RecordOf(byte[] key, byte[] frame) => new() { Key = key, Value = frame, Headers = WritesContentType ? FrameHeaders.Of(frame) : null };
}
