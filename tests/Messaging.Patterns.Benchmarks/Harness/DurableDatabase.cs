using Messaging.Patterns.TestServers;
using Npgsql;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>A PostgreSQL with a database in it. It writes to disk as in production, which that of tests does not.</summary>
internal sealed class DurableDatabase : IAsyncDisposable
{
    private readonly PostgreSqlServer _server;
    private readonly PostgreSqlDatabase _database;

    private DurableDatabase(PostgreSqlServer server, PostgreSqlDatabase database) => (_server, _database) = (server, database);

    public string ConnectionString => _database.ConnectionString;

    public static async Task<DurableDatabase> CreateAsync()
    {
        var server = await PostgreSqlServer.StartAsync();
        var database = await PostgreSqlDatabase.CreateAsync(server.ConnectionString);
        await database.ExecuteAsync("ALTER SYSTEM SET fsync = on");
        await database.ExecuteAsync("ALTER SYSTEM SET full_page_writes = on");
        await database.ExecuteAsync("SELECT pg_reload_conf()");
        return new(server, database);
    }

    public Task ExecuteAsync(string sql) => _database.ExecuteAsync(sql);

    /// <summary>Returns how many rows a table has.</summary>
    public async Task<long> CountAsync(string table)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"SELECT count(*) FROM {table}", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _server.DisposeAsync();
    }
}
