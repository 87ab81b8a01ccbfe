using System.Text.Json;
using Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

namespace Messaging.Patterns.Benchmarks.Baselines;

/// <summary>Reads a stream from the store's file with one prepared statement, the streams' row numbers in memory, and each frame with a <see cref="JsonDocument"/>.</summary>
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

    public List<(string Id, string Type, DateTimeOffset Time, JsonElement Data)> Read(string stream)
    {
        var events = new List<(string, string, DateTimeOffset, JsonElement)>();
        _select.Bind(1, _streams[stream]);

        while (_select.Step())
        {
            using var document = JsonDocument.Parse(_select.Blob(1).ToArray());
            var root = document.RootElement;
            events.Add((root.GetProperty("id").GetString()!, root.GetProperty("type").GetString()!, root.GetProperty("time").GetDateTimeOffset(), root.GetProperty("data").Clone()));
        }

        return events;
    }

    public void Dispose() => _database.Dispose();
}
