using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.TestServers;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;

/// <summary>A database of a test, and how an application registers it.</summary>
public abstract class OutboxDatabase : IAsyncDisposable
{
    public abstract string ConnectionString { get; }

    public abstract DbContextOptionsBuilder Use(DbContextOptionsBuilder options);

    public abstract IMessagingPatternsBuilder AddOutbox<TContext>(IMessagingPatternsBuilder builder, Action<OutboxOptions>? configure = null)
        where TContext : DbContext;

    public abstract ValueTask DisposeAsync();
}

public sealed class SqliteOutboxDatabase : OutboxDatabase
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("outbox-").FullName, "shop.sqlite");

    public override string ConnectionString => $"Data Source={_file}";

    public override DbContextOptionsBuilder Use(DbContextOptionsBuilder options) => options.UseSqlite(ConnectionString);

    public override IMessagingPatternsBuilder AddOutbox<TContext>(IMessagingPatternsBuilder builder, Action<OutboxOptions>? configure = null) => builder.AddOutbox<TContext>(configure);

    public override ValueTask DisposeAsync()
    {
        using (var pool = new SqliteConnection(ConnectionString))
        {
            SqliteConnection.ClearPool(pool);
        }

        Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);
        return ValueTask.CompletedTask;
    }
}

public sealed class PostgreSqlOutboxDatabase(PostgreSqlDatabase database) : OutboxDatabase
{
    public PostgreSqlDatabase Database => database;

    public override string ConnectionString => database.ConnectionString;

    public override DbContextOptionsBuilder Use(DbContextOptionsBuilder options) => options.UseNpgsql(ConnectionString);

    public override IMessagingPatternsBuilder AddOutbox<TContext>(IMessagingPatternsBuilder builder, Action<OutboxOptions>? configure = null) => builder.AddPostgreSqlOutbox<TContext>(configure);

    public override ValueTask DisposeAsync() => database.DisposeAsync();
}
