using System.Collections.Frozen;

namespace Messaging.Patterns.CloudEvents;

/// <summary>An event in the form of CloudEvents 1.0.</summary>
public sealed record CloudEvent
{
    /// <summary>Gets the event's id, unique within its source.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the context in which the event happened, a URI reference.</summary>
    public required string Source { get; init; }

    /// <summary>Gets the event type name.</summary>
    public required string Type { get; init; }

    /// <summary>Gets what of the source the event is about, or <see langword="null"/>.</summary>
    public string? Subject { get; init; }

    /// <summary>Gets when it happened, or <see langword="null"/> when it does not say.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Gets the media type of the data.</summary>
    /// <value>The default is <c>application/json</c>, as the JSON format says.</value>
    public string DataContentType { get; init; } = "application/json";

    /// <summary>Gets the schema of the data, or <see langword="null"/>.</summary>
    public string? DataSchema { get; init; }

    /// <summary>Gets the data: JSON text, or the bytes of another media type; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Gets the trace parent of the distributed tracing extension, or <see langword="null"/>.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Gets the trace state of the distributed tracing extension, or <see langword="null"/>.</summary>
    public string? TraceState { get; init; }

    /// <summary>Gets all other extension attributes; numbers and booleans as their JSON text.</summary>
    public IReadOnlyDictionary<string, string> Extensions { get; init; } = FrozenDictionary<string, string>.Empty;
}
