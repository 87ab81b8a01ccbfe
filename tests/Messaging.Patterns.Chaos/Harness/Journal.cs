using System.Text.Json;

namespace Messaging.Patterns.Chaos.Harness;

/// <summary>What a process saw, line by line as it happens: a kill loses nothing but what was not written yet.</summary>
internal static class Journal
{
    public const string Extension = ".journal";

    /// <summary>Reads a journal whole. A line that was cut off by a kill is left out.</summary>
    public static IEnumerable<TEntry> Read<TEntry>(string path)
    {
        using var tail = new JournalTail<TEntry>(path);
        return [.. tail.ReadNew()];
    }

    /// <summary>Reads about the last so many bytes of a journal that is being written.</summary>
    public static IReadOnlyList<TEntry> ReadLast<TEntry>(string path, int bytes)
    {
        using var tail = new JournalTail<TEntry>(path);
        tail.SkipToLast(bytes);
        return [.. tail.ReadNew()];
    }

    internal static byte[] ToLine<TEntry>(TEntry entry) => [.. JsonSerializer.SerializeToUtf8Bytes(entry), (byte)'\n'];
}

/// <summary>Writes a journal.</summary>
/// <typeparam name="TEntry">What its lines are.</typeparam>
internal sealed class Journal<TEntry>(string path) : IDisposable
{
    // Without a buffer: what is written is the kernel's, and outlives the process.
    private readonly FileStream _file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public void Write(TEntry entry)
    {
        var line = Journal.ToLine(entry);

        lock (_file)
        {
            _file.Write(line);
        }
    }

    public void Dispose() => _file.Dispose();
}
