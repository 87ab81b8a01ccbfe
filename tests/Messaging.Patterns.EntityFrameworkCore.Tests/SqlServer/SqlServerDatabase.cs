using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

/// <summary>A database of its own on the SQL Server that <c>SQLSERVER_CONNECTION</c> names.</summary>
public sealed class SqlServerDatabase : OutboxDatabase
{
    private static readonly string Server = Environment.GetEnvironmentVariable("SQLSERVER_CONNECTION")
        ?? throw new InvalidOperationException("SQLSERVER_CONNECTION was set when the tests were built, and is not any more.");

    public override string ConnectionString { get; } = new SqlConnectionStringBuilder(Server) { InitialCatalog = $"messaging_{Guid.NewGuid():n}" }.ConnectionString;

    public override DbContextOptionsBuilder Use(DbContextOptionsBuilder options) => options.UseSqlServer(ConnectionString);

    public override IMessagingPatternsBuilder AddOutbox<TContext>(IMessagingPatternsBuilder builder, Action<OutboxOptions>? configure = null) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        using (var pool = new SqlConnection(ConnectionString))
        {
            SqlConnection.ClearPool(pool);
        }

        await using var context = new DbContext(Use(new DbContextOptionsBuilder()).Options);
        await context.Database.EnsureDeletedAsync();
    }
}
