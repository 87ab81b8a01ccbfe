using System.Text.Json;

namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>Headers of a record as they are in the column <c>headers</c>: a JSON object of strings.</summary>
public static class OutboxHeaders
{
    private const string ContentType = "content-type";

    /// <summary>Returns what goes into the column, or <see langword="null"/> if there are no headers.</summary>
    /// <param name="headers">The headers.</param>
    /// <exception cref="ArgumentException">A name is empty or <c>content-type</c>, which every record has.</exception>
    public static string? Write(IReadOnlyDictionary<string, string>? headers)
    {
        if (headers is null or { Count: 0 })
        {
            return null;
        }

        foreach (var name in headers.Keys)
        {
            if (name.Length == 0 || name.Equals(ContentType, StringComparison.OrdinalIgnoreCase))
            {
                throw new ArgumentException($"'{name}' cannot be a header: expected a name that is not empty and not '{ContentType}', which every record has.", nameof(headers));
            }
        }

        return JsonSerializer.Serialize(headers);
    }

    /// <summary>Returns the headers of a column.</summary>
    /// <param name="column">The column.</param>
    /// <exception cref="JsonException">The column holds something else.</exception>
    public static IReadOnlyDictionary<string, string> Read(string? column) =>
        column is null ? new Dictionary<string, string>() : JsonSerializer.Deserialize<Dictionary<string, string>>(column) ?? [];
}
