namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>The local SQLite file of an event store cannot be used. The log in Kafka is not affected: the file can be rebuilt from it.</summary>
/// <param name="path">The file.</param>
/// <param name="code">SQLite's primary result code.</param>
/// <param name="message">What was being done and what SQLite said.</param>
public sealed class SqliteStoreException(string path, int code, string message)
    : MessagingException($"SQLite file '{path}': {message}")
{
    /// <summary>Gets the file.</summary>
    public string Path { get; } = path;

    /// <summary>Gets SQLite's primary result code, such as 13 for a full disk.</summary>
    public int Code { get; } = code;

    /// <inheritdoc/>
    public override bool IsTransient => Code is SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED;
}
