using Confluent.Kafka;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Frames;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Reads the events out of the records of one assignment of a partition, in the order of offsets.</summary>
internal sealed class RecordReader(ConsumerGroup group, GroupTopic topic, int partition, long? committed)
{
    private readonly FrameJudge _judge = new(group, topic, partition, committed);

    /// <summary>Returns the events of a record; none for what is to be passed over.</summary>
    /// <exception cref="RecordRefusedException">The record is not one that the group may handle or pass over.</exception>
    public async ValueTask<IReadOnlyList<IncomingEvent>> ReadAsync(ConsumeResult<byte[], byte[]> record, CancellationToken cancellationToken)
    {
        if (!topic.IsEventTopic && !IsBinaryFrame(record))
        {
            var published = PublishedRecord.Read(record);

            if (published is [] or [{ Extensions.Count: 0 }, ..] || !published[0].Extensions.ContainsKey(FrameFormat.LogVersionAttribute))
            {
                return published is [] ? [Tombstone(record)] : [.. published.Select((cloudEvent, index) => Incoming(record, cloudEvent, index))];
            }
        }

        return await _judge.JudgeAsync(record, cancellationToken).ConfigureAwait(false) is { } frame ? ReadFrame(record, frame.FirstVersion) : [];
    }

    // A published event may have such bytes as its data, but then its headers say that it is one.
    private static bool IsBinaryFrame(ConsumeResult<byte[], byte[]> record) => BinaryFrameFormat.IsMarked(record.Message.Value) && !PublishedRecord.IsInBinaryMode(record);

    private IReadOnlyList<IncomingEvent> ReadFrame(ConsumeResult<byte[], byte[]> record, long firstVersion)
    {
        var stream = StreamId.Parse(System.Text.Encoding.UTF8.GetString(record.Message.Key));

        try
        {
            return [.. FrameEvents.Read(stream, record.Message.Value).Select((cloudEvent, index) =>
            {
                var incoming = Incoming(record, cloudEvent, index);
                return incoming with { Context = incoming.Context with { Stream = stream, Version = firstVersion + index } };
            })];
        }
        catch (CloudEventFormatException exception)
        {
            throw new RecordRefusedException($"its frame cannot be read: {exception.Message}", exception);
        }
    }

    private IncomingEvent Incoming(ConsumeResult<byte[], byte[]> record, CloudEvent cloudEvent, int index)
    {
        System.Diagnostics.ActivityContext.TryParse(cloudEvent.TraceParent, cloudEvent.TraceState, isRemote: true, out var trace);
        return new(new RawEvent(cloudEvent.Type, cloudEvent.Data, cloudEvent.DataContentType), new EventContext
        {
            Group = group.Name,
            EventId = cloudEvent.Id,
            Source = cloudEvent.Source,
            EventType = cloudEvent.Type,
            Time = cloudEvent.Time ?? record.Message.Timestamp.UtcDateTime,
            Topic = topic.Name,
            Partition = partition,
            Offset = record.Offset.Value,
            Index = index,
            Key = record.Message.Key,
            Headers = PublishedRecord.HeadersOf(record),
            Metadata = cloudEvent.Extensions,
            Trace = trace,
        });
    }

    // It has no attributes of its own, so they are made of its place, which never changes.
    private IncomingEvent Tombstone(ConsumeResult<byte[], byte[]> record) => new(Patterns.Consuming.Tombstone.Instance, new EventContext
    {
        Group = group.Name,
        EventId = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{topic.Name}:{partition}:{record.Offset.Value}"),
        Source = $"/{topic.Name}",
        EventType = Patterns.Consuming.Tombstone.TypeName,
        Time = record.Message.Timestamp.UtcDateTime,
        Topic = topic.Name,
        Partition = partition,
        Offset = record.Offset.Value,
        Key = record.Message.Key,
        Headers = PublishedRecord.HeadersOf(record),
    });
}
