using System.Collections.Frozen;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>
/// The extension attributes of an event as they are in <see cref="EventRow.Metadata"/>: a JSON object of strings. Those of the distributed tracing extension of CloudEvents are among them, whose
/// names no metadata can have.
/// </summary>
internal static class EventAttributes
{
    private const string TraceParent = "traceparent";
    private const string TraceState = "tracestate";

    /// <summary>Returns what goes into the column, empty when there is nothing.</summary>
    public static string Write(StoredEvent one) => one.Metadata.Count == 0 && one.Trace == default ? "" : JsonSerializer.Serialize(Of(one));

    /// <summary>Returns metadata and trace of a column.</summary>
    public static (IReadOnlyDictionary<string, string> Metadata, ActivityContext Trace) Read(string column) =>
        column.Length == 0 ? (FrozenDictionary<string, string>.Empty, default) : Read(JsonSerializer.Deserialize<Dictionary<string, string>>(column)!);

    /// <summary>Returns the attributes of an event.</summary>
    public static Dictionary<string, string> Of(StoredEvent one)
    {
        var attributes = new Dictionary<string, string>(one.Metadata, StringComparer.Ordinal);

        if (one.Trace is var trace && trace != default)
        {
            attributes[TraceParent] = string.Create(CultureInfo.InvariantCulture, $"00-{trace.TraceId.ToHexString()}-{trace.SpanId.ToHexString()}-{(byte)trace.TraceFlags:x2}");
        }

        if (trace.TraceState is { Length: > 0 } state)
        {
            attributes[TraceState] = state;
        }

        return attributes;
    }

    /// <summary>Returns metadata and trace of attributes. A trace that is none by its format is no trace: it must not keep an event from its handlers.</summary>
    public static (IReadOnlyDictionary<string, string> Metadata, ActivityContext Trace) Read(Dictionary<string, string> attributes)
    {
        attributes.Remove(TraceParent, out var parent);
        attributes.Remove(TraceState, out var state);
        ActivityContext.TryParse(parent, state, isRemote: true, out var trace);
        return (attributes.ToFrozenDictionary(StringComparer.Ordinal), trace);
    }
}
