using Microsoft.Data.Sqlite;

namespace Shop.ReadModels;

/// <summary>A SQLite file that several processes read and write at the same time.</summary>
internal sealed class SqliteFile
{
    private readonly string _connectionString;

    private SqliteFile(string path) => _connectionString = new SqliteConnectionStringBuilder { DataSource = path }.ToString();

    /// <summary>Opens a file, and creates it when there is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="schema">Creates what the file does not have.</param>
    public static SqliteFile Create(string path, string schema)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var file = new SqliteFile(path);
        using var connection = file.Open();
        // Readers do not wait for the writer, nor the writer for readers. A commit still survives a power cut (synchronous stays FULL): the consumer
        // group's offset is committed after it, and must never be ahead of the table.
        connection.Execute("PRAGMA journal_mode = WAL");
        connection.Execute(schema);
        return file;
    }

    /// <summary>Opens a connection.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        connection.Execute("PRAGMA busy_timeout = 10000");
        return connection;
    }
}
