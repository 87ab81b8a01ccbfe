using System.Text.Json;

namespace Messaging.Patterns.Chaos.Harness;

/// <summary>Follows a journal that another process may be writing.</summary>
/// <typeparam name="TEntry">What its lines are.</typeparam>
internal sealed class JournalTail<TEntry>(string path) : IDisposable
{
    private readonly FileStream _file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

    /// <summary>Skips all but about the last so many bytes.</summary>
    public void SkipToLast(int bytes)
    {
        if (_file.Length > bytes)
        {
            _file.Position = _file.Length - bytes;

            while (_file.ReadByte() is not ('\n' or -1))
            {
                // The rest of a line whose begin was skipped.
            }
        }
    }

    /// <summary>Returns the entries that were completed since the last time.</summary>
    public IEnumerable<TEntry> ReadNew()
    {
        var bytes = new byte[_file.Length - _file.Position];
        var read = _file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var complete = bytes.AsSpan(0, read).LastIndexOf((byte)'\n') + 1;
        _file.Position -= read - complete;
        return Lines(bytes.AsMemory(0, complete)).Select(line => JsonSerializer.Deserialize<TEntry>(line.Span)!);
    }

    public void Dispose() => _file.Dispose();

    private static IEnumerable<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            yield return bytes[..end];
            bytes = bytes[(end + 1)..];
        }
    }
}
