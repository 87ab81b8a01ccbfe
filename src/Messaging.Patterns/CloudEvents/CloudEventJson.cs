using System.Text.Json;
using Messaging.Patterns.Diagnostics;

namespace Messaging.Patterns.CloudEvents;

/// <summary>The JSON event format and JSON batch format of CloudEvents 1.0 (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).</summary>
public static class CloudEventJson
{
    /// <summary>The media type of one event in structured mode.</summary>
    public const string ContentType = "application/cloudevents+json; charset=UTF-8";

    // Data is as deep as its writer made it; the depth that an application takes is its serializer's to limit.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    /// <summary>Returns whether a media type is JSON: <c>application/json</c>, <c>text/json</c> or any <c>+json</c>, whatever its parameters.</summary>
    /// <param name="contentType">The media type.</param>
    public static bool IsJson(string contentType)
    {
        ArgumentNullException.ThrowIfNull(contentType);
        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        var media = contentType.AsSpan(0, end < 0 ? contentType.Length : end).Trim();
        return media.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads one event.</summary>
    /// <param name="json">The JSON; the event's data points into it where it can.</param>
    /// <exception cref="CloudEventFormatException">It is not one event.</exception>
    public static CloudEvent Read(ReadOnlyMemory<byte> json)
    {
        var events = new List<CloudEvent>(1);
        Read(json, events);
        return events.Count == 1 ? events[0] : throw new CloudEventFormatException($"Expected one CloudEvent, but found a batch of {events.Count}.");
    }

    /// <summary>Reads one event, or a batch of them.</summary>
    /// <param name="json">The JSON; the events' data point into it where they can.</param>
    /// <param name="events">Where to add the events.</param>
    /// <param name="leaveOut">Says which extension attributes are left out; the default is none.</param>
    /// <exception cref="CloudEventFormatException">It is neither.</exception>
    public static void Read(ReadOnlyMemory<byte> json, ICollection<CloudEvent> events, CloudEventAttributeFilter? leaveOut = null)
    {
        ArgumentNullException.ThrowIfNull(events);
        var reader = new Utf8JsonReader(json.Span, Options);

        try
        {
            reader.Read();

            if (reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    events.Add(new CloudEventParser(json, leaveOut).Parse(ref reader));
                }
            }
            else
            {
                events.Add(new CloudEventParser(json, leaveOut).Parse(ref reader));
            }

            if (reader.Read())
            {
                throw new CloudEventFormatException($"Expected one JSON value, but byte {reader.TokenStartIndex} begins another.");
            }
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            throw new CloudEventFormatException($"Expected a CloudEvent in JSON, but at or after byte {reader.TokenStartIndex} it is none: {exception.Message}", exception);
        }
    }

    /// <summary>Writes one event as a JSON object.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="cloudEvent">The event.</param>
    public static void Write(Utf8JsonWriter writer, CloudEvent cloudEvent)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(cloudEvent);

        writer.WriteStartObject();
        writer.WriteString("specversion"u8, "1.0"u8);
        writer.WriteString("id"u8, cloudEvent.Id);
        writer.WriteString("source"u8, cloudEvent.Source);
        writer.WriteString("type"u8, cloudEvent.Type);
        WriteIfPresent(writer, "subject"u8, cloudEvent.Subject);

        if (cloudEvent.Time is { } time)
        {
            writer.WriteString("time"u8, time);
        }

        WriteIfPresent(writer, "dataschema"u8, cloudEvent.DataSchema);
        WriteIfPresent(writer, "traceparent"u8, cloudEvent.TraceParent);
        WriteIfPresent(writer, "tracestate"u8, cloudEvent.TraceState);

        foreach (var (name, value) in cloudEvent.Extensions)
        {
            writer.WriteString(name, value);
        }

        WriteData(writer, cloudEvent.DataContentType, cloudEvent.Data.Span);
        writer.WriteEndObject();
    }

    /// <summary>Writes the members of the current trace, if there is one, as the distributed tracing extension.</summary>
    /// <param name="writer">Where to write, inside an object.</param>
    public static void WriteTrace(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);

        if (CallerTrace.Current is { Id: { } parent })
        {
            writer.WriteString("traceparent"u8, parent);
            WriteIfPresent(writer, "tracestate"u8, CallerTrace.State);
        }
    }

    /// <summary>Writes the members <c>datacontenttype</c> and <c>data</c>, or <c>data_base64</c> for what is not JSON.</summary>
    /// <param name="writer">Where to write, inside an object.</param>
    /// <param name="contentType">The media type of the data.</param>
    /// <param name="data">The data; if its media type is JSON, one valid JSON value.</param>
    public static void WriteData(Utf8JsonWriter writer, string contentType, ReadOnlySpan<byte> data)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteString("datacontenttype"u8, contentType);

        if (data.IsEmpty)
        {
            return;
        }

        if (IsJson(contentType))
        {
            writer.WritePropertyName("data"u8);
            writer.WriteRawValue(data, skipInputValidation: true);
        }
        else
        {
            writer.WriteBase64String("data_base64"u8, data);
        }
    }

    private static void WriteIfPresent(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
