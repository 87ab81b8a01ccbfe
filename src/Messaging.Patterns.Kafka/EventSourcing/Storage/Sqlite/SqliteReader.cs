namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

/// <summary>One reading connection.</summary>
internal sealed class SqliteReader : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _readStream;
    private readonly SqliteStatement _readPartition;

    public SqliteReader(string path)
    {
        _database = SqliteDatabase.Open(path, readOnly: true);

        try
        {
            // As much of the file as SQLite can map: what is beyond costs a call of the operating system for every page.
            _database.Execute("PRAGMA cache_size=-16384; PRAGMA mmap_size=2147418112;");
            _readStream = _database.Prepare("SELECT offset, version, frame FROM frames WHERE stream = ?1 AND version >= ?2 ORDER BY version LIMIT ?3");
            _readPartition = _database.Prepare(
                "SELECT offset, version, frame, (SELECT name FROM streams WHERE id = stream) FROM frames WHERE partition = ?1 AND offset >= ?2 ORDER BY offset LIMIT ?3");
        }
        catch
        {
            _database.Dispose();
            throw;
        }
    }

    public List<StoredFrame> ReadStream(long stream, string name, long fromVersion, int limit)
    {
        var (frames, bytes) = (new List<StoredFrame>(), 0L);
        _readStream.Bind(1, stream).Bind(2, fromVersion).Bind(3, limit);

        while (bytes < IStreamStore.PageBytes && _readStream.Step())
        {
            frames.Add(new(name, _readStream.Int64(0), _readStream.Int64(1), _readStream.Blob(2).ToArray()));
            bytes += frames[^1].Value.Length;
        }

        // Left in the middle it would keep its snapshot of the file.
        _readStream.Reset();
        return frames;
    }

    public List<StoredFrame> ReadPartition(long partition, long fromOffset, int limit)
    {
        var (frames, bytes) = (new List<StoredFrame>(), 0L);
        _readPartition.Bind(1, partition).Bind(2, fromOffset).Bind(3, limit);

        while (bytes < IStreamStore.PageBytes && _readPartition.Step())
        {
            frames.Add(new(_readPartition.Text(3), _readPartition.Int64(0), _readPartition.Int64(1), _readPartition.Blob(2).ToArray()));
            bytes += frames[^1].Value.Length;
        }

        // Left in the middle it would keep its snapshot of the file.
        _readPartition.Reset();
        return frames;
    }

    public void Dispose() => _database.Dispose();
}
