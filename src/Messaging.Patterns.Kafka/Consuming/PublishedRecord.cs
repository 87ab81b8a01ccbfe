using System.Text;
using Confluent.Kafka;
using Messaging.Patterns.CloudEvents;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Reads records as the Kafka binding of CloudEvents writes them: structured mode, and binary mode with <c>ce_</c> headers.</summary>
/// <remarks>https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md. A record without any header is read as structured.</remarks>
internal static class PublishedRecord
{
    private const string ContentTypeHeader = "content-type";
    private const string Prefix = "ce_";

    /// <summary>Returns the events of a record; none if it has no value.</summary>
    /// <exception cref="RecordRefusedException">The bytes are no CloudEvent.</exception>
    public static IReadOnlyList<CloudEvent> Read(ConsumeResult<byte[], byte[]> record)
    {
        var isBinary = IsInBinaryMode(record);

        if (record.Message.Value is not { } value || (value.Length == 0 && !isBinary))
        {
            return [];
        }

        try
        {
            if (isBinary)
            {
                return [ReadBinary(record, value)];
            }

            var events = new List<CloudEvent>(1);
            CloudEventJson.Read(value, events);
            return events.Count > 0 ? events : throw new CloudEventFormatException("The batch of CloudEvents is empty.");
        }
        catch (CloudEventFormatException exception)
        {
            throw new RecordRefusedException($"its bytes are no CloudEvent: {exception.Message}", exception);
        }
    }

    /// <summary>Returns whether the attributes of an event are in the record's headers, and its value is the data alone.</summary>
    public static bool IsInBinaryMode(ConsumeResult<byte[], byte[]> record) => Find(record, "ce_specversion") is not null;

    /// <summary>Returns the headers in their order.</summary>
    public static IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> HeadersOf(ConsumeResult<byte[], byte[]> record) =>
        record.Message.Headers is { Count: > 0 } headers ? [.. headers.Select(header => KeyValuePair.Create<string, ReadOnlyMemory<byte>>(header.Key, header.GetValueBytes()))] : [];

    private static CloudEvent ReadBinary(ConsumeResult<byte[], byte[]> record, byte[] value)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);

        foreach (var header in record.Message.Headers.Where(header => header.Key.StartsWith(Prefix, StringComparison.Ordinal) && header.GetValueBytes() is not null))
        {
            attributes[header.Key[Prefix.Length..]] = Encoding.UTF8.GetString(header.GetValueBytes());
        }

        return attributes.Remove("specversion", out var version) && version == "1.0"
            ? new CloudEvent
            {
                Id = Require(attributes, "id"),
                Source = Require(attributes, "source"),
                Type = Require(attributes, "type"),
                Subject = Take(attributes, "subject"),
                Time = TakeTime(attributes),
                DataSchema = Take(attributes, "dataschema"),
                TraceParent = Take(attributes, "traceparent"),
                TraceState = Take(attributes, "tracestate"),
                DataContentType = Find(record, ContentTypeHeader) ?? "application/json",
                Data = value,
                Extensions = attributes,
            }
            : throw new CloudEventFormatException($"Expected CloudEvents 'ce_specversion' 1.0, but found '{version}'.");
    }

    private static string? Find(ConsumeResult<byte[], byte[]> record, string name) =>
        record.Message.Headers is { Count: > 0 } headers && headers.TryGetLastBytes(name, out var bytes) && bytes is not null ? Encoding.UTF8.GetString(bytes) : null;

    private static string? Take(Dictionary<string, string> attributes, string name) => attributes.Remove(name, out var value) ? value : null;

    private static string Require(Dictionary<string, string> attributes, string name) =>
        Take(attributes, name) is { Length: > 0 } value ? value : throw new CloudEventFormatException($"The CloudEvent lacks header '{Prefix}{name}', or it is empty.");

    private static DateTimeOffset? TakeTime(Dictionary<string, string> attributes) =>
        Take(attributes, "time") is not { } text ? null
        : DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw new CloudEventFormatException($"Expected a time in header '{Prefix}time', but found '{text}'.");
}
