using Messaging.Patterns.EventSourcing;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

/// <summary>Keeps accepted frames in one SQLite file of this process: one thread writes, any thread reads.</summary>
internal sealed partial class SqliteStreamStore : IStreamStore
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
            _database = OpenOrRebuild(path, logger);
            _readers = new SqliteReaders(path);
            _writer = new SqliteWriter(_database, new StoreBacklog(), logger);
        }
        catch
        {
            _database?.Dispose();
            _lock.Dispose();
            throw;
        }
    }

    public IPartitionStore OpenPartition(string topic, int partition) => _writer.OpenPartition(topic, partition);

    public StoreBacklog Backlog => _writer.Backlog;

    public IReadOnlyList<StoredFrame> ReadStream(IPartitionStore partition, StreamId stream, long fromVersion, int limit) =>
        ((SqlitePartition)partition).FindStream(StreamKeys.Of(stream, out _)) is { } number ? _readers.ReadStream(number, stream.ToString(), fromVersion, limit) : [];

    public IReadOnlyList<StoredFrame> ReadPartition(IPartitionStore partition, long fromOffset, int limit) =>
        _readers.ReadPartition(((SqlitePartition)partition).Id, fromOffset, limit);

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        _readers.Dispose();
        _database.Dispose();
        await _lock.DisposeAsync().ConfigureAwait(false);
    }

    // The log has everything that the file had, so a broken one is no reason to wait for an operator. It is kept beside the new one: it may be a file of
    // something else, whose path was given by mistake.
    private static SqliteDatabase OpenOrRebuild(string path, ILogger logger)
    {
        try
        {
            return SqliteSchema.OpenForWriting(path);
        }
        catch (SqliteStoreException exception) when (exception.Code is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            Log.Unreadable(logger, exception, path);
            File.Move(path, path + ".unreadable", overwrite: true);
            File.Delete(path + "-wal");
            File.Delete(path + "-shm");

            return SqliteSchema.OpenForWriting(path);
        }
    }

    // The lock's file stays: were it deleted, two processes could hold locks on files of the same name.
    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new SqliteStoreException(path, 0, $"another process uses it. Each process needs a read store of its own: give it another path ({exception.Message}).");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1342, LogLevel.Warning, "The read store {Path} cannot be read; it is set aside under the name .unreadable, and rebuilt from the log in Kafka.")]
        public static partial void Unreadable(ILogger logger, Exception exception, string path);
    }
}
