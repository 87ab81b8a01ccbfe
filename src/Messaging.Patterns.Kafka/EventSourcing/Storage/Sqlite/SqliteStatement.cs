using SQLitePCL;

namespace Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;

/// <summary>A prepared statement, reused for every call.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle, string sql) : IDisposable
{
    public SqliteStatement Bind(int index, long value)
    {
        database.Check(raw.sqlite3_bind_int64(handle, index, value), sql);
        return this;
    }

    public SqliteStatement Bind(int index, string value)
    {
        database.Check(raw.sqlite3_bind_text(handle, index, value), sql);
        return this;
    }

    public SqliteStatement Bind(int index, ReadOnlySpan<byte> value)
    {
        database.Check(raw.sqlite3_bind_blob(handle, index, value), sql);
        return this;
    }

    public SqliteStatement BindNull(int index)
    {
        database.Check(raw.sqlite3_bind_null(handle, index), sql);
        return this;
    }

    /// <summary>Goes to the next row and returns whether there is one; the statement is reset at its end.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);

        if (code == raw.SQLITE_ROW)
        {
            return true;
        }

        // The reset repeats the error of the step, so its own code says nothing new.
        raw.sqlite3_reset(handle);
        database.Check(code, sql);
        return false;
    }

    public void Run()
    {
        while (Step())
        {
        }
    }

    public void Reset() => raw.sqlite3_reset(handle);

    public long Int64(int column) => raw.sqlite3_column_int64(handle, column);

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string();

    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(handle, column);

    public void Dispose() => handle.Dispose();
}
