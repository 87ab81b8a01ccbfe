using Messaging.Patterns.ContractTests;
using Messaging.Patterns.ContractTests.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Testing.Tests.EntityFramework;

/// <summary>Two processes with one SQLite file.</summary>
public sealed class SqliteOutboxInstances : ContextOutboxInstances
{
    private readonly string _folder = Directory.CreateTempSubdirectory("outbox-").FullName;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    protected override Task<Action<DbContextOptionsBuilder>> PrepareAsync() =>
        Task.FromResult<Action<DbContextOptionsBuilder>>(options => options.UseSqlite($"Data Source={Path.Combine(_folder, "outbox.sqlite")}"));

    protected override void AddOutbox<TContext>(IMessagingPatternsBuilder builder) => builder.AddOutbox<TContext>();
}

[Implementations(ContextOutboxContract.Implementation)]
public sealed class SqliteOutboxTests(SqliteOutboxInstances instances) : ContextOutboxContract(instances), IClassFixture<SqliteOutboxInstances>;
