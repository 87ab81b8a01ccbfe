using Npgsql;

namespace Messaging.Patterns.TestServers;

/// <summary>A database of its own for a test, dropped when disposed of, with whoever is still connected.</summary>
public sealed class PostgreSqlDatabase : IAsyncDisposable
{
    private readonly string _server;
    private readonly string _name;

    private PostgreSqlDatabase(string server, string name) => (_server, _name) = (server, name);

    /// <summary>Gets the connection string.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server) { Database = _name }.ConnectionString;

    /// <summary>Creates a database.</summary>
    /// <param name="server">The connection string of another database of the server.</param>
    public static async Task<PostgreSqlDatabase> CreateAsync(string server)
    {
        var database = new PostgreSqlDatabase(server, $"test_{Guid.NewGuid():N}");
        await database.ExecuteAtServerAsync($"CREATE DATABASE {database._name}");
        return database;
    }

    /// <summary>Runs a statement.</summary>
    /// <param name="sql">The statement.</param>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await using (var pool = new NpgsqlConnection(ConnectionString))
        {
            NpgsqlConnection.ClearPool(pool);
        }

        await ExecuteAtServerAsync($"DROP DATABASE {_name} WITH (FORCE)");
    }

    private async Task ExecuteAtServerAsync(string sql)
    {
        // Not from the pool: the server may have been killed since, and those that wait there with it.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
