namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>An event of a stream: a row of the table <see cref="EventStoreTables.Events"/>, written once and never changed or deleted.</summary>
public sealed class EventRow
{
    /// <summary>Gets the stream, <c>category-id</c>.</summary>
    public required string Stream { get; init; }

    /// <summary>Gets the event's place in its stream: 1, 2, 3 ... without gaps.</summary>
    public required long Version { get; init; }

    /// <summary>Gets the number of the append, which all of its events have. Within a stream numbers grow; they have gaps.</summary>
    public required long Number { get; init; }

    /// <summary>Gets the event's place in its append, 0 for the first.</summary>
    public required int Index { get; init; }

    /// <summary>Gets the append's id.</summary>
    public required Guid AppendId { get; init; }

    /// <summary>Gets the event's id.</summary>
    public required string EventId { get; init; }

    /// <summary>Gets the event's type name.</summary>
    public required string Type { get; init; }

    /// <summary>Gets the time at which the event happened, in UTC, as ISO 8601 with seven digits of a second: <c>2026-03-01T12:00:00.0000000Z</c>.</summary>
    /// <remarks>A text, since databases keep fewer digits than events have.</remarks>
    public required string Time { get; init; }

    /// <summary>Gets the media type of <see cref="Data"/>, such as <c>application/json</c>.</summary>
    public required string ContentType { get; init; }

    /// <summary>Gets the CloudEvents extension attributes as a JSON object of strings, <c>traceparent</c> and <c>tracestate</c> of the writer among them; empty when there are none.</summary>
    public required string Metadata { get; init; }

    /// <summary>Gets the payload's bytes, as they were appended.</summary>
    public required byte[] Data { get; init; }
}
