using System.Text;
using System.Text.Json;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.Outbox.Protocol;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;

/// <summary>Makes of a row what is sent.</summary>
internal static class OutboxRecords
{
    private static readonly RecordHeader[] ContentType = [new("content-type", Encoding.ASCII.GetBytes(CloudEventJson.ContentType))];

    /// <param name="place">Number, bucket and key.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="value">The value, or <see langword="null"/> for a tombstone.</param>
    /// <param name="headers">Headers, a JSON object of strings, or <see langword="null"/>. Without a <c>content-type</c> the value is a CloudEvent in structured mode.</param>
    public static RelayRow Row(RowPlace place, string topic, byte[]? value, string? headers) =>
        new(place.Id, BucketSlots.Of(place.Bucket), place.Key, new OutgoingRecord(topic, Encoding.UTF8.GetBytes(place.Key), value is null ? null : (ReadOnlyMemory<byte>?)value) { Headers = value is null && headers is null ? [] : HeadersOf(headers) })
        {
            IsHeldBack = place.IsHeldBack,
        };

    private static RecordHeader[] HeadersOf(string? headers)
    {
        if (headers is null)
        {
            return ContentType;
        }

        using var parsed = JsonDocument.Parse(headers);
        return [.. parsed.RootElement.TryGetProperty(CloudEventHeaders.ContentType, out _) ? [] : ContentType, .. parsed.RootElement.EnumerateObject().Select(header => new RecordHeader(header.Name, Encoding.UTF8.GetBytes(header.Value.GetString() ?? "")))];
    }
}
