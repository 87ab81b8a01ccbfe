using Microsoft.Data.Sqlite;

namespace Shop.ReadModels;

/// <summary>Statements in one line each.</summary>
internal static class SqliteConnectionExtensions
{
    /// <summary>Executes statements and returns the number of rows that they changed.</summary>
    public static int Execute(this SqliteConnection connection, string sql, params (string Name, object Value)[] values)
    {
        using var command = connection.Create(sql, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>Executes a query and returns its rows.</summary>
    public static List<T> Query<T>(this SqliteConnection connection, string sql, Func<SqliteDataReader, T> map, params (string Name, object Value)[] values)
    {
        using var command = connection.Create(sql, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();

        while (reader.Read())
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    private static SqliteCommand Create(this SqliteConnection connection, string sql, (string Name, object Value)[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;

        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
