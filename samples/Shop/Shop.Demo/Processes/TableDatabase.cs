using Npgsql;

namespace Shop.Demo.Processes;

/// <summary>Where the tables of one shop are: in a SQLite file in its folder, or in a database of its own on a PostgreSQL, which is gone when the shop is.</summary>
internal sealed class TableDatabase(string? server) : IAsyncDisposable
{
    private readonly string _name = $"shop_{Guid.NewGuid():N}";

    /// <summary>Gets what tells a process of the shop.</summary>
    public IEnumerable<string> Settings => server is null ? [] : [$"--Shop:Database={new NpgsqlConnectionStringBuilder(server) { Database = _name }.ConnectionString}"];

    /// <summary>Creates the database, and finds out whether a PostgreSQL answers.</summary>
    /// <exception cref="NpgsqlException">It does not.</exception>
    public Task CreateAsync() => ExecuteAsync($"CREATE DATABASE {_name}");

    /// <summary>Deletes the tables. No process that uses them may run.</summary>
    public async Task DeleteTablesAsync(DirectoryInfo data)
    {
        data.GetFiles("tables.db*").ToList().ForEach(file => file.Delete());
        await DropAsync();
        await CreateAsync();
    }

    public async ValueTask DisposeAsync() => await DropAsync();

    public override string ToString() => server is null ? "SQLite" : $"PostgreSQL at {new NpgsqlConnectionStringBuilder(server).Host}";

    private Task DropAsync() => ExecuteAsync($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)");

    private async Task ExecuteAsync(string sql)
    {
        if (server is not null)
        {
            await using var connection = new NpgsqlConnection(server);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }
}
