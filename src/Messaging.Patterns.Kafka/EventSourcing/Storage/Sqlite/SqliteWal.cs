using SQLitePCL;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

/// <summary>When what stands in the write-ahead log goes into the file itself.</summary>
/// <remarks>
/// Under load seldom: the index of many streams changes as many pages in every transaction, and between two checkpoints each is written to the file once. When
/// nothing is to be written, soon: readers find pages faster in the file, which they have mapped. A crash at any point loses nothing: the log is read again.
/// </remarks>
internal sealed class SqliteWal(SqliteDatabase database)
{
    /// <summary>The most pages of 4 KiB in the log, at which SQLite itself makes the checkpoint.</summary>
    public const int MaxPages = 16_384;

    private const long WorthBytes = 4 << 20;

    private long _bytes;

    /// <summary>Frames of this size were committed.</summary>
    public void Written(long bytes) => _bytes += bytes;

    /// <summary>Makes a checkpoint if enough was written since the last one, and returns whether it did. Called when nothing waits to be written.</summary>
    public bool TryCheckpoint()
    {
        if (_bytes < WorthBytes)
        {
            return false;
        }

        _bytes = 0;

        // Readers are not waited for: what they need stays in the log until the next time.
        if (raw.sqlite3_wal_checkpoint_v2(database.Handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _) is var code and not (raw.SQLITE_BUSY or raw.SQLITE_LOCKED))
        {
            database.Check(code, "checkpoint of the write-ahead log");
        }

        return true;
    }
}
