using System.Collections.Concurrent;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

/// <summary>The connections that read, each with its prepared statements; as many as reads run at the same time.</summary>
internal sealed class SqliteReaders(string path) : IDisposable
{
    private readonly ConcurrentBag<SqliteReader> _idle = [];
    private bool _disposed;

    public List<StoredFrame> ReadStream(long stream, string name, long fromVersion, int limit)
    {
        var reader = Rent();

        try
        {
            return reader.ReadStream(stream, name, fromVersion, limit);
        }
        finally
        {
            Return(reader);
        }
    }

    public List<StoredFrame> ReadPartition(long partition, long fromOffset, int limit)
    {
        var reader = Rent();

        try
        {
            return reader.ReadPartition(partition, fromOffset, limit);
        }
        finally
        {
            Return(reader);
        }
    }

    public void Dispose()
    {
        _disposed = true;

        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }

    private SqliteReader Rent()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _idle.TryTake(out var reader) ? reader : new SqliteReader(path);
    }

    private void Return(SqliteReader reader)
    {
        if (_disposed)
        {
            reader.Dispose();
        }
        else
        {
            _idle.Add(reader);
        }
    }
}
