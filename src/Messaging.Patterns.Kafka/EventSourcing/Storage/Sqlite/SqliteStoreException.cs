using SQLitePCL;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>The local SQLite file of an event store cannot be used. The log in Kafka is not affected: the file can be rebuilt from it.</summary>
/// <param name="path">The file.</param>
/// <param name="code">SQLite's primary result code; 0 where it was not SQLite that said no.</param>
/// <param name="message">What was being done and what SQLite said.</param>
public sealed class SqliteStoreException(string path, int code, string message)
    : MessagingException($"SQLite file '{path}': {message}{RemedyFor(code)}")
{
    /// <summary>Gets the file.</summary>
    public string Path { get; } = path;

    /// <summary>Gets SQLite's primary result code, such as 13 for a full disk.</summary>
    public int Code { get; } = code;

    /// <inheritdoc/>
    public override bool IsTransient => Code is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    /// <summary>Gets whether the file is damaged, or is no database at all, so that only a new one helps.</summary>
    internal bool IsDamage => Code is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    private static string RemedyFor(int code) => code switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => " Somebody else holds the file: each process needs one of its own.",
        raw.SQLITE_FULL => " Make room on the disk and start again: what is not in the file yet comes from Kafka once more.",
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => " Start again: the file is then set aside and rebuilt from Kafka. If it happens again, check the disk.",
        raw.SQLITE_PERM or raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN => " Give the process the right to write to the file and its folder, or give another path.",
        raw.SQLITE_IOERR => " Check the disk and start again: what is not in the file yet comes from Kafka once more.",
        _ => "",
    };
}
