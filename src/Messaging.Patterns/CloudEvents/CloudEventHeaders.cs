using System.Globalization;
using System.Text;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.CloudEvents;

/// <summary>The headers of a record in binary mode.</summary>
public static class CloudEventHeaders
{
    /// <summary>The header with the media type of the data.</summary>
    public const string ContentType = "content-type";

    /// <summary>What the names of attributes begin with.</summary>
    public const string Prefix = "ce_";

    // As JSON has it.
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.FFFFFFFZ";

    /// <summary>Returns the headers of an event: <c>content-type</c> first, then its attributes.</summary>
    /// <param name="cloudEvent">The event.</param>
    public static IReadOnlyList<RecordHeader> Write(CloudEvent cloudEvent)
    {
        ArgumentNullException.ThrowIfNull(cloudEvent);
        var headers = new List<RecordHeader>(8 + cloudEvent.Extensions.Count)
        {
            Header(ContentType, cloudEvent.DataContentType),
            Attribute("specversion", "1.0"),
            Attribute("id", cloudEvent.Id),
            Attribute("source", cloudEvent.Source),
            Attribute("type", cloudEvent.Type),
        };

        AddIfPresent(headers, "subject", cloudEvent.Subject);
        AddIfPresent(headers, "time", cloudEvent.Time?.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
        AddIfPresent(headers, "dataschema", cloudEvent.DataSchema);
        AddIfPresent(headers, "traceparent", cloudEvent.TraceParent);
        AddIfPresent(headers, "tracestate", cloudEvent.TraceState);
        headers.AddRange(cloudEvent.Extensions.Select(extension => Attribute(extension.Key, extension.Value)));
        return headers;
    }

    private static void AddIfPresent(List<RecordHeader> headers, string name, string? value)
    {
        if (value is not null)
        {
            headers.Add(Attribute(name, value));
        }
    }

    private static RecordHeader Attribute(string name, string value) => Header(Prefix + name, value);

    private static RecordHeader Header(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));
}
