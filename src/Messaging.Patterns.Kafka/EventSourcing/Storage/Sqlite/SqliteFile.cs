using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

/// <summary>The file while it is open: one connection that writes, and those that read.</summary>
internal sealed class SqliteFile : IAsyncDisposable
{
    private readonly SqliteDatabase _database;

    public SqliteFile(string path, StoreBacklog backlog, ILogger logger)
    {
        _database = SqliteSchema.OpenForWriting(path, logger);

        try
        {
            Writer = new SqliteWriter(_database, backlog, logger);
            Readers = new SqliteReaders(path);
        }
        catch
        {
            _database.Dispose();
            throw;
        }
    }

    public SqliteWriter Writer { get; }

    public SqliteReaders Readers { get; }

    /// <summary>Reads what the folds of all partitions need to go on.</summary>
    public Dictionary<(string Topic, int Partition), SqlitePartition> Restore(int windowSize) => new SqliteRestore(_database, Writer, windowSize).Run();

    /// <summary>Closes the file before anything was written to it.</summary>
    public void Discard()
    {
        Readers.Dispose();
        _database.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync().ConfigureAwait(false);
        Discard();
    }
}
