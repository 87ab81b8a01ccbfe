using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Headers of ours, whose values are text in UTF-8.</summary>
internal static class TextHeaders
{
    // The last one counts: a record that was set aside before has older ones in front.
    public static string? Find(IEnumerable<IHeader>? headers, string name) =>
        headers?.LastOrDefault(header => header.Key == name)?.GetValueBytes() is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    public static long? FindNumber(IEnumerable<IHeader>? headers, string name) =>
        long.TryParse(Find(headers, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static DateTimeOffset? FindTime(IEnumerable<IHeader>? headers, string name) =>
        DateTimeOffset.TryParse(Find(headers, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
