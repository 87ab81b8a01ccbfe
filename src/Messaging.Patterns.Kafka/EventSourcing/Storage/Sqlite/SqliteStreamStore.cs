using Messaging.Patterns.EventSourcing;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

/// <summary>Keeps accepted frames in one SQLite file of this process: one thread writes, any thread reads.</summary>
/// <remarks>
/// A file that cannot be read is set aside and begun anew, since the log has everything that it had: at once where nothing of it is in use yet, that is when
/// it is opened and restored; at the next start where it is found later.
/// </remarks>
internal sealed partial class SqliteStreamStore : IStreamStore
{
    private readonly string _path;
    private readonly int _windowSize;
    private readonly ILogger _logger;
    private readonly FileStream _lock;
    private readonly Lock _opening = new();
    private SqliteFile _file;
    private Dictionary<(string Topic, int Partition), SqlitePartition>? _restored;

    /// <summary>Opens a file, or makes one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="windowSize">How many of a partition's newest appends are restored.</param>
    /// <param name="logger">The log.</param>
    public SqliteStreamStore(string path, int windowSize, ILogger logger)
    {
        (_path, _windowSize, _logger) = (path, windowSize, logger);
        _lock = Lock(path);

        try
        {
            _file = Open();
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    public StoreBacklog Backlog { get; } = new();

    public IPartitionStore OpenPartition(string topic, int partition)
    {
        lock (_opening)
        {
            _restored ??= Restore();

            if (_restored.Remove((topic, partition), out var found))
            {
                _file.Writer.Add(found);
                return found;
            }

            return _file.Writer.OpenPartition(topic, partition);
        }
    }

    public IReadOnlyList<StoredFrame> ReadStream(IPartitionStore partition, StreamId stream, long fromVersion, int limit)
    {
        try
        {
            return ((SqlitePartition)partition).FindStream(StreamKeys.Of(stream, out _)) is { } number
                ? _file.Readers.ReadStream(number, stream.ToString(), fromVersion, limit)
                : [];
        }
        catch (SqliteStoreException exception) when (exception.IsDamage)
        {
            _file.Writer.Fail(exception);
            throw;
        }
    }

    public IReadOnlyList<StoredFrame> ReadPartition(IPartitionStore partition, long fromOffset, int limit)
    {
        try
        {
            return _file.Readers.ReadPartition(((SqlitePartition)partition).Id, fromOffset, limit);
        }
        catch (SqliteStoreException exception) when (exception.IsDamage)
        {
            _file.Writer.Fail(exception);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync().ConfigureAwait(false);
        await _lock.DisposeAsync().ConfigureAwait(false);
    }

    private SqliteFile Open()
    {
        if (SqliteDamage.IsMarked(_path))
        {
            SetAside(null);
        }

        try
        {
            return new SqliteFile(_path, Backlog, _logger);
        }
        catch (SqliteStoreException exception) when (exception.IsDamage)
        {
            SetAside(exception);
            return new SqliteFile(_path, Backlog, _logger);
        }
    }

    private Dictionary<(string Topic, int Partition), SqlitePartition> Restore()
    {
        try
        {
            return _file.Restore(_windowSize);
        }
        catch (SqliteStoreException exception) when (exception.IsDamage)
        {
            _file.Discard();
            SetAside(exception);
            _file = new SqliteFile(_path, Backlog, _logger);
            return [];
        }
    }

    private void SetAside(SqliteStoreException? damage)
    {
        Log.Unreadable(_logger, damage, _path);
        SqliteDamage.SetAside(_path);
    }

    // The lock's file stays: were it deleted, two processes could hold locks on files of the same name.
    private static FileStream Lock(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (IsHeld(exception))
        {
            throw new SqliteStoreException(path, 0, $"another process uses it. Each process needs a read store of its own: give it another path ({exception.Message}).");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SqliteStoreException(path, 0, $"it cannot be opened: {exception.Message} Give the process the right to write to the folder and room on the disk, or give another path.");
        }
    }

    // As the runtime reports a lock that somebody else has: errno EWOULDBLOCK on Linux and macOS, a sharing violation on Windows.
    private static bool IsHeld(IOException exception) => exception.HResult is 11 or 35 or unchecked((int)0x8007_0020);

    private static partial class Log
    {
        [LoggerMessage(1342, LogLevel.Warning, "The read store {Path} cannot be read; it is set aside under the name .unreadable, and rebuilt from the log in Kafka.")]
        public static partial void Unreadable(ILogger logger, Exception? exception, string path);
    }
}
