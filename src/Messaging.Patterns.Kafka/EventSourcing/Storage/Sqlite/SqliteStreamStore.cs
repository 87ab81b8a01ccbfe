using Messaging.Patterns.EventSourcing;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

/// <summary>Keeps accepted frames in one SQLite file of this process: one thread writes, any thread reads.</summary>
internal sealed class SqliteStreamStore : IStreamStore
{
    private readonly FileStream _lock;
    private readonly SqliteDatabase _database;
    private readonly SqliteReaders _readers;
    private readonly SqliteWriter _writer;

    public SqliteStreamStore(string path, ILogger logger)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _lock = Lock(path);

        try
        {
            _database = SqliteSchema.OpenForWriting(path);
            _readers = new SqliteReaders(path);
            _writer = new SqliteWriter(_database, logger);
        }
        catch
        {
            _database?.Dispose();
            _lock.Dispose();
            throw;
        }
    }

    public IPartitionStore OpenPartition(string topic, int partition) => _writer.OpenPartition(topic, partition);

    public void WaitForRoom(CancellationToken cancellationToken) => _writer.WaitForRoom(cancellationToken);

    public IReadOnlyList<StoredFrame> ReadStream(IPartitionStore partition, StreamId stream, long fromVersion, int limit) =>
        _readers.ReadStream(((SqlitePartition)partition).Id, stream.ToString(), fromVersion, limit);

    public IReadOnlyList<StoredFrame> ReadPartition(IPartitionStore partition, long fromOffset, int limit) =>
        _readers.ReadPartition(((SqlitePartition)partition).Id, fromOffset, limit);

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        _readers.Dispose();
        _database.Dispose();
        await _lock.DisposeAsync().ConfigureAwait(false);
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException)
        {
            throw new SqliteStoreException(path, 0, "another process uses it. Each process needs a read store of its own: give it another path.");
        }
    }
}
