using System.Diagnostics;

namespace Messaging.Patterns.EventSourcing;

/// <summary>An event as a store holds it.</summary>
public sealed record RecordedEvent
{
    /// <summary>Gets the stream that the event belongs to.</summary>
    public required StreamId Stream { get; init; }

    /// <summary>Gets the event's place in its stream: 1, 2, 3 ... without gaps.</summary>
    public required long Version { get; init; }

    /// <summary>Gets the event's id.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the event's type name as it was stored, before upcasting.</summary>
    public required string Type { get; init; }

    /// <summary>Gets the time at which the event happened, as its writer said.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets the place in the log up to and including the append that holds this event.</summary>
    /// <remarks>The events of one append share it, since they became visible together.</remarks>
    public required Position Position { get; init; }

    /// <summary>Gets the id of the append that holds this event.</summary>
    /// <value>Every store of this library sets it; the default is no id.</value>
    public AppendId AppendId { get; init; }

    /// <summary>Gets the event's content: an object of the registered event type, or a <see cref="RawEvent"/> when read raw.</summary>
    public required object Payload { get; init; }

    /// <summary>Gets the CloudEvents extension attributes that the event carries, without the store's own.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = EventData.EmptyMetadata;

    /// <summary>Gets the trace that the append was part of, or the default.</summary>
    public ActivityContext Trace { get; init; }
}
