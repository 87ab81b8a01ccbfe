using System.Globalization;
using System.Text;

namespace Messaging.Patterns.Tests;

/// <summary>
/// A recorded log of one partition, and what every version makes of it. <c>NAME.log</c> has a line per record: offset, key and value, which is JSON or
/// <c>hex:</c>; <c>NAME.folded</c> has the events in their streams. Neither ever changes.
/// </summary>
internal static class GoldenLog
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "EventSourcing", "Frames", "Golden", "Logs");

    /// <summary>Gets the names of all of them.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.log").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    /// <summary>Reads the records; their offsets are their places in the list.</summary>
    public static IReadOnlyList<(byte[] Key, byte[] Value)> Records(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, name + ".log")).Select(line => line.Split(' ', 3)).ToList();

        return lines.Select(parts => int.Parse(parts[0], CultureInfo.InvariantCulture)).SequenceEqual(Enumerable.Range(0, lines.Count))
            ? [.. lines.Select(parts => (Encoding.UTF8.GetBytes(parts[1]), Value(parts[2])))]
            : throw new InvalidOperationException($"Golden log {name} has not every offset.");
    }

    /// <summary>Reads the events in their streams, in the order of the log: what <see cref="Describe"/> says of them.</summary>
    public static string[] Folded(string name) => File.ReadAllLines(Path.Combine(Folder, name + ".folded"));

    /// <summary>Describes an event in one line.</summary>
    public static string Describe(long offset, string stream, long version, string id, string type, DateTimeOffset time, string contentType, ReadOnlySpan<byte> data, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var facts = string.Join(' ', metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={entry.Value}"));
        var text = contentType.Contains("json", StringComparison.Ordinal) ? Encoding.UTF8.GetString(data) : "hex:" + Convert.ToHexStringLower(data);
        return $"{offset} {stream} {version} {id} {type} {time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)} {contentType} {text} [{facts}]";
    }

    private static byte[] Value(string text) => text.StartsWith("hex:", StringComparison.Ordinal) ? Convert.FromHexString(text.AsSpan(4)) : Encoding.UTF8.GetBytes(text);
}
