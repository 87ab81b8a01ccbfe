using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

namespace Messaging.Patterns.Benchmarks.Baselines;

/// <summary>Reads a stream from the store's file with one prepared statement, the streams' row numbers in memory, and each frame with a <see cref="JsonDocument"/> or at the places of layout <c>binary</c>.</summary>
internal sealed class RawStreamRead : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _select;
    private readonly Dictionary<string, long> _streams = [];

    public RawStreamRead(string path)
    {
        _database = SqliteDatabase.Open(path, readOnly: true);
        _database.Execute("PRAGMA cache_size=-16384; PRAGMA mmap_size=2147418112;");
        _select = _database.Prepare("SELECT version, frame FROM frames WHERE stream = ?1 ORDER BY version");
        using var streams = _database.Prepare("SELECT name, id FROM streams");

        while (streams.Step())
        {
            _streams.Add(streams.Text(0), streams.Int64(1));
        }
    }

    public int Read(string stream)
    {
        var events = new List<object>();
        _select.Bind(1, _streams[stream]);

        while (_select.Step())
        {
            var frame = _select.Blob(1).ToArray();
            events.Add(frame[0] == '{' ? Parse(frame) : Cut(frame));
        }

        return events.Count;
    }

    private static object Parse(byte[] frame)
    {
        using var document = JsonDocument.Parse(frame);
        var root = document.RootElement;
        return (root.GetProperty("id").GetString(), root.GetProperty("type").GetString(), root.GetProperty("time").GetDateTimeOffset(), root.GetProperty("data").Clone());
    }

    // One event with its type alone: what the benchmark's frames are.
    private static object Cut(byte[] frame)
    {
        var ticks = BinaryPrimitives.ReadInt64BigEndian(frame.AsSpan(56)) + DateTime.UnixEpoch.Ticks;
        var type = Encoding.UTF8.GetString(frame, 66, frame[65]);
        return (new Guid(frame.AsSpan(24, 16), bigEndian: true).ToString("N"), type, new DateTimeOffset(ticks, TimeSpan.Zero), frame.AsMemory(67 + frame[65]));
    }

    public void Dispose() => _database.Dispose();
}
