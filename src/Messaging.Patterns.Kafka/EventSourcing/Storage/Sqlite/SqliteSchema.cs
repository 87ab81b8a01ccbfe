using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

/// <summary>The tables of the read store's file.</summary>
/// <remarks>
/// Frames are appended in the order of their arrival, bytes as they are in Kafka; two narrow indexes find them by stream and version, and by partition and
/// offset. A single table keyed by stream and version would be half as fast to fill. <c>version</c> is that of the frame's last event, so that the
/// greatest one of a stream is the stream's version.
/// </remarks>
internal static partial class SqliteSchema
{
    public const int Version = 2;

    private const int ApplicationId = 0x4D50_4553;

    private const string Create = """
        CREATE TABLE partitions (id INTEGER PRIMARY KEY, topic TEXT NOT NULL, number INTEGER NOT NULL, pos INTEGER NOT NULL,
            last BLOB NOT NULL, cluster TEXT NOT NULL DEFAULT '', topic_id TEXT NOT NULL DEFAULT '', UNIQUE (topic, number));
        CREATE TABLE streams (id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (partition, name));
        CREATE TABLE frames (id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, offset INTEGER NOT NULL, stream INTEGER NOT NULL, version INTEGER NOT NULL,
            count INTEGER NOT NULL, append BLOB NOT NULL, frame BLOB NOT NULL);
        CREATE UNIQUE INDEX frames_by_stream ON frames (stream, version);
        CREATE UNIQUE INDEX frames_by_offset ON frames (partition, offset);
        """;

    // Of a file that says nothing of its topic, the first start after this believes that it is the one that it finds, if its last frame is there.
    private const string FromVersion1 = """
        ALTER TABLE partitions ADD COLUMN cluster TEXT NOT NULL DEFAULT '';
        ALTER TABLE partitions ADD COLUMN topic_id TEXT NOT NULL DEFAULT '';
        """;

    public static SqliteDatabase OpenForWriting(string path, ILogger logger)
    {
        var database = SqliteDatabase.Open(path, readOnly: false);

        try
        {
            // A power cut may lose the newest commits, which the tail then repeats; it never corrupts the file.
            database.Execute($"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint={SqliteWal.MaxPages};");
            Ensure(database, logger);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private static void Ensure(SqliteDatabase database, ILogger logger)
    {
        var (application, version) = (Pragma(database, "application_id"), Pragma(database, "user_version"));

        if (application == 0 && version == 0 && IsEmpty(database))
        {
            Apply(database, Create);
        }
        else if (application == ApplicationId && version == 1)
        {
            Apply(database, FromVersion1);
            Log.Migrated(logger, database.Path, version, Version);
        }
        else if (application != ApplicationId || version != Version)
        {
            throw new SqliteStoreException(
                database.Path, 0, $"expected a Messaging.Patterns event store of schema {Version}, but found application id {application}, schema {version}. Give another path, or delete the file: it is rebuilt from Kafka.");
        }
    }

    // Tables and version in one transaction: a crash leaves the file as it was.
    private static void Apply(SqliteDatabase database, string sql) => database.Execute(string.Create(
        CultureInfo.InvariantCulture, $"BEGIN IMMEDIATE; {sql} PRAGMA application_id={ApplicationId}; PRAGMA user_version={Version}; COMMIT;"));

    private static bool IsEmpty(SqliteDatabase database)
    {
        using var tables = database.Prepare("SELECT 1 FROM sqlite_master LIMIT 1");
        var any = tables.Step();
        tables.Reset();
        return !any;
    }

    private static long Pragma(SqliteDatabase database, string name)
    {
        using var pragma = database.Prepare($"PRAGMA {name}");
        var value = pragma.Step() ? pragma.Int64(0) : 0;
        pragma.Reset();
        return value;
    }

    private static partial class Log
    {
        [LoggerMessage(1344, LogLevel.Information, "The read store {Path} was of schema {Found} and is brought to schema {Wanted}.")]
        public static partial void Migrated(ILogger logger, string path, long found, int wanted);
    }
}
