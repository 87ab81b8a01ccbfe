using System.Diagnostics;
using System.Globalization;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Consuming;

/// <summary>Where an event that is being handled comes from.</summary>
public sealed record EventContext
{
    /// <summary>Gets the consumer group that handles the event.</summary>
    public required string Group { get; init; }

    /// <summary>Gets the event's id, unique within <see cref="Source"/>.</summary>
    /// <value>What has no id of its own has one made of its place, which never changes: <c>TOPIC:PARTITION:OFFSET</c>.</value>
    public string EventId
    {
        get => field ?? string.Create(CultureInfo.InvariantCulture, $"{Topic}:{Partition}:{Offset}");
        init;
    }

    /// <summary>Gets the event's CloudEvents source.</summary>
    /// <value>What has none of its own has one made of its topic: <c>/TOPIC</c>.</value>
    public string Source
    {
        get => field ?? $"/{Topic}";
        init;
    }

    /// <summary>Gets the event's type name as it was stored, before upcasting.</summary>
    public required string EventType { get; init; }

    /// <summary>Gets the time at which the event happened, as its writer said; the record's own time when it said nothing.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets the topic.</summary>
    public required string Topic { get; init; }

    /// <summary>Gets the partition.</summary>
    public required int Partition { get; init; }

    /// <summary>Gets the offset of the record.</summary>
    public required long Offset { get; init; }

    /// <summary>Gets the place of the event within its record, 0 for the first.</summary>
    public int Index { get; init; }

    /// <summary>Gets the record's key; empty when it has none.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>Gets the record's headers in their order; the value is empty where a header has none.</summary>
    public IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> Headers { get; init; } = [];

    /// <summary>Gets the stream that the event belongs to, or <see langword="null"/> when it was published without one.</summary>
    public StreamId? Stream { get; init; }

    /// <summary>Gets the event's version in its stream, or 0 when it was published without one.</summary>
    public long Version { get; init; }

    /// <summary>Gets the CloudEvents extension attributes of the event, without the library's own.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = EventData.EmptyMetadata;

    /// <summary>Gets how often this event was handed to the handler by this instance, 1 for the first time.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Gets whether the event was handled before the group was rewound, and is handled again for that reason.</summary>
    /// <remarks>It is <see langword="true"/> only for what is known as handled. What comes again after a crash or a rebalance is not marked.</remarks>
    public bool IsReplay { get; init; }

    /// <summary>Gets the epoch of the last rewind of the partition, 0 when there was none. It grows with every rewind.</summary>
    public long Epoch { get; init; }

    /// <summary>Gets the trace that the event's writer was part of, or the default.</summary>
    public ActivityContext Trace { get; init; }

    /// <summary>Gets the id for an append caused by this event, the same each time the event is handled.</summary>
    /// <remarks>It follows from source and id of the event; used on one stream by one handler, it makes the append happen once.</remarks>
    public AppendId AppendId => AppendId.From($"{Source}\n{EventId}");

    /// <summary>Gets the place in the log up to and including the record that holds this event.</summary>
    /// <remarks>
    /// Where events are handled in order per partition, everything before it is handled too. Where they are handled in order per key, which is the default,
    /// events of other keys that lie before it may not be: then it is the place of this event, and no progress.
    /// </remarks>
    public Position Position => Position.At($"{Topic}:{Partition}", Offset + 1);
}
