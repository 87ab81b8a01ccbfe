using System.Text.Json;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EventSourcing.Copying.Protocol;

namespace Messaging.Patterns.EventSourcing.Copying;

/// <summary>Finds in what a target's version differs from that of the source. Payloads are compared, and never shown.</summary>
internal static class Differences
{
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = int.MaxValue };

    /// <summary>Returns the first difference between an append and the events that the target has in its place, or <see langword="null"/>.</summary>
    public static EventDifference? Find(CopiedAppend append, IReadOnlyList<RecordedEvent> found)
    {
        for (var index = 0; index < append.Events.Count; index++)
        {
            var one = append.Events[index];

            if (index == found.Count)
            {
                return Of(one, $"event '{one.Id}'", "no event");
            }

            if ((FindInEvent(one, found[index]) ?? FindInAppend(append, one, found[index], found[0])) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }

    /// <summary>Returns the difference that an append has another version by its id.</summary>
    public static EventDifference Elsewhere(CopiedAppend append, long version) =>
        Of(append.Events[0], append.ToString(), $"that id at an append that ends with version {version}");

    /// <summary>Returns the difference that versions before an append are not there.</summary>
    public static EventDifference Missing(CopiedAppend append, long actual) => Of(append.Events[0], $"version {append.FirstVersion - 1} before it", $"the stream at version {actual}");

    /// <summary>Returns the difference that the target goes on where the source ends.</summary>
    public static EventDifference Beyond(RecordedEvent found) => Of(found, "no event", $"event '{found.Id}' of type '{found.Type}'");

    /// <summary>Returns the difference that the target refuses an append.</summary>
    public static EventDifference Refused(CopiedAppend append, string reason) => Of(append.Events[0], append.ToString(), $"that the target refuses it: {reason}");

    private static EventDifference Of(RecordedEvent one, string expected, string found) => new(one.Stream, one.Version, expected, found);

    private static EventDifference? FindInEvent(RecordedEvent one, RecordedEvent other)
    {
        var (payload, otherPayload) = ((RawEvent)one.Payload, (RawEvent)other.Payload);

        return one.Id != other.Id ? Of(one, $"event '{one.Id}'", $"event '{other.Id}' of type '{other.Type}'")
            : one.Type != other.Type ? Of(one, $"type '{one.Type}'", $"type '{other.Type}'")
            : one.Time != other.Time ? Of(one, $"time {one.Time:O}", $"time {other.Time:O}")
            : payload.ContentType != otherPayload.ContentType ? Of(one, $"content type '{payload.ContentType}'", $"content type '{otherPayload.ContentType}'")
            : !AreEqual(one.Metadata, other.Metadata) ? Of(one, $"metadata {Names(one)}", $"metadata {Names(other)}, or other values")
            : !AreEqual(payload, otherPayload) ? Of(one, $"its payload of {payload.Data.Length} bytes", $"another one of {otherPayload.Data.Length} bytes")
            : null;
    }

    private static EventDifference? FindInAppend(CopiedAppend append, RecordedEvent one, RecordedEvent other, RecordedEvent first) =>
        other.AppendId != append.Id ? Of(one, $"append {append.Id}", $"append {other.AppendId}")
        : !other.Position.Equals(first.Position) ? Of(one, $"all events of append {append.Id} at one place", "them at several")
        : null;

    private static string Names(RecordedEvent recorded) => $"({string.Join(", ", recorded.Metadata.Keys.Order(StringComparer.Ordinal))})";

    private static bool AreEqual(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(entry => other.TryGetValue(entry.Key, out var value) && value == entry.Value);

    // JSON is the same in another notation; every store of this library keeps the bytes.
    private static bool AreEqual(RawEvent one, RawEvent other) =>
        one.Data.Span.SequenceEqual(other.Data.Span) || (CloudEventJson.IsJson(one.ContentType) && AreEqualJson(one.Data, other.Data));

    private static bool AreEqualJson(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other)
    {
        if (one.IsEmpty || other.IsEmpty)
        {
            return false;
        }

        using var left = JsonDocument.Parse(one, Json);
        using var right = JsonDocument.Parse(other, Json);
        return JsonElement.DeepEquals(left.RootElement, right.RootElement);
    }
}
