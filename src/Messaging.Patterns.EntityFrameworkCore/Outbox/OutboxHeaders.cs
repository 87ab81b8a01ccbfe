using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>Headers of a record as they are in the column <c>headers</c>: a JSON object of strings.</summary>
public static class OutboxHeaders
{
    /// <summary>Returns what goes into the column, or <see langword="null"/> if there are no headers.</summary>
    /// <param name="headers">The headers.</param>
    /// <exception cref="ArgumentException">A name is empty, or one of CloudEvents' own: <c>content-type</c> or <c>ce_...</c>.</exception>
    public static string? Write(IReadOnlyDictionary<string, string>? headers) => Write(headers, ofEvent: null);

    /// <summary>Returns what goes into the column for an event in binary mode, whose own headers come first.</summary>
    internal static string? Write(IReadOnlyDictionary<string, string>? headers, IReadOnlyList<RecordHeader>? ofEvent)
    {
        var all = (ofEvent ?? []).ToDictionary(header => header.Name, header => Encoding.UTF8.GetString(header.Value.Span));

        foreach (var (name, value) in headers ?? FrozenDictionary<string, string>.Empty)
        {
            if (name.Length == 0 || IsTaken(name))
            {
                throw new ArgumentException($"'{name}' cannot be a header: expected a name that is not empty and not '{CloudEventHeaders.ContentType}' or '{CloudEventHeaders.Prefix}...', which are CloudEvents' own.", nameof(headers));
            }

            all.Add(name, value);
        }

        return all.Count == 0 ? null : JsonSerializer.Serialize(all);
    }

    private static bool IsTaken(string name) =>
        name.Equals(CloudEventHeaders.ContentType, StringComparison.OrdinalIgnoreCase) || name.StartsWith(CloudEventHeaders.Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the headers of a column.</summary>
    /// <param name="column">The column.</param>
    /// <exception cref="JsonException">The column holds something else.</exception>
    public static IReadOnlyDictionary<string, string> Read(string? column) =>
        column is null ? new Dictionary<string, string>() : JsonSerializer.Deserialize<Dictionary<string, string>>(column) ?? [];
}
