using System.Runtime.InteropServices;
using Confluent.Kafka;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Kafka.Diagnostics;
using Messaging.Patterns.Kafka.EventSourcing.Frames;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Reads the events out of the records of one assignment of a partition. Several threads may read at once.</summary>
internal sealed class RecordReader(ConsumerGroup group, GroupTopic topic, int partition, ControlStep.Begin? begin)
{
    private readonly bool _takesRecords = group.Dispatcher.TakesRecords;
    private readonly bool _takesRest = group.Dispatcher.TakesRest;

    /// <summary>Adds the events of a record to a list, in their order.</summary>
    /// <exception cref="RecordRefusedException">The record is not one that the group may handle or pass over.</exception>
    public void Read(in GroupRecord record, List<IncomingEvent> events)
    {
        if (_takesRecords)
        {
            events.Add(ReadAsIs(record.Result));
        }
        else if (_takesRest)
        {
            ReadWithRest(record, events);
        }
        else
        {
            ReadEvents(record, events);
        }
    }

    /// <summary>Returns a record as it is.</summary>
    public IncomingEvent ReadAsIs(ConsumeResult<byte[], byte[]> record)
    {
        // The type is said, since null is convertible to an empty memory too.
        var value = record.Message.Value is { } bytes ? new ReadOnlyMemory<byte>(bytes) : default(ReadOnlyMemory<byte>?);
        return new(new RawRecord(value), Place(record, RawRecord.TypeName));
    }

    private void ReadEvents(in GroupRecord record, List<IncomingEvent> events)
    {
        if (record.FirstVersion > 0)
        {
            ReadFrame(record.Result, record.FirstVersion, events);
        }
        else
        {
            ReadPublished(record.Result, events);
        }
    }

    /// <summary>What holds no event, and events that no other handler takes or that cannot be decoded, become the record as it is.</summary>
    private void ReadWithRest(in GroupRecord record, List<IncomingEvent> events)
    {
        var (first, asIs) = (events.Count, ReadAsIs(record.Result));

        try
        {
            ReadEvents(record, events);
        }
        catch (RecordRefusedException exception) when (!exception.MustStop)
        {
            events.RemoveRange(first, events.Count - first);
            events.Add(asIs);
        }

        foreach (ref var incoming in CollectionsMarshal.AsSpan(events)[first..])
        {
            incoming = incoming with { Payload = (group.Dispatcher.Handles(incoming.Payload) ? group.Dispatcher.TryDecode(incoming.Payload) : null) ?? asIs.Payload };
        }
    }

    private void ReadPublished(ConsumeResult<byte[], byte[]> record, List<IncomingEvent> events)
    {
        var published = PublishedRecord.Read(record);

        if (published.Count == 0)
        {
            events.Add(new(Tombstone.Instance, Place(record, Tombstone.TypeName)));
            return;
        }

        for (var index = 0; index < published.Count; index++)
        {
            if (published[index].Extensions.ContainsKey(FrameFormat.LogVersionAttribute))
            {
                throw new RecordRefusedException($"it is a frame of an event store whose attribute '{FrameFormat.LogVersionAttribute}' is not written plainly, so it was not recognised as one", mustStop: true);
            }

            events.Add(Incoming(record, published[index], index));
        }
    }

    private void ReadFrame(ConsumeResult<byte[], byte[]> record, long firstVersion, List<IncomingEvent> events)
    {
        var stream = StreamId.Parse(System.Text.Encoding.UTF8.GetString(record.Message.Key));

        try
        {
            var read = FrameEvents.Read(stream, record.Message.Value);

            for (var index = 0; index < read.Count; index++)
            {
                events.Add(Incoming(record, read[index], index, stream, firstVersion + index));
            }
        }
        catch (CloudEventFormatException exception)
        {
            throw new RecordRefusedException($"its frame cannot be read: {exception.Message}", exception);
        }
    }

    private IncomingEvent Incoming(ConsumeResult<byte[], byte[]> record, CloudEvent cloudEvent, int index, StreamId? stream = null, long version = 0)
    {
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
            IsReplay = record.Offset.Value < begin?.ReplayUntil,
            Epoch = Math.Max(0, begin?.Epoch ?? 0),
            Key = record.Message.Key,
            Headers = PublishedRecord.HeadersOf(record),
            Stream = stream,
            Version = version,
            Metadata = cloudEvent.Extensions,
            Trace = KafkaDiagnostics.TraceOf(cloudEvent),
        });
    }

    // What has no attributes of its own.
    private EventContext Place(ConsumeResult<byte[], byte[]> record, string type) => new()
    {
        Group = group.Name,
        EventType = type,
        Time = record.Message.Timestamp.UtcDateTime,
        Topic = topic.Name,
        Partition = partition,
        Offset = record.Offset.Value,
        IsReplay = record.Offset.Value < begin?.ReplayUntil,
        Epoch = Math.Max(0, begin?.Epoch ?? 0),
        Key = record.Message.Key,
        Headers = PublishedRecord.HeadersOf(record),
    };
}
