using Messaging.Patterns.ContractTests;
using Messaging.Patterns.ContractTests.EntityFrameworkCore;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;

/// <summary>Two processes with one database on a PostgreSQL server.</summary>
public sealed class PostgreSqlOutboxInstances(PostgreSqlFixture postgreSql) : ContextOutboxInstances
{
    private PostgreSqlDatabase? _database;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await (_database?.DisposeAsync() ?? default);
    }

    protected override async Task<Action<DbContextOptionsBuilder>> PrepareAsync()
    {
        _database ??= await postgreSql.CreateDatabaseAsync();
        return options => options.UseNpgsql(_database.ConnectionString);
    }

    protected override void AddOutbox<TContext>(IMessagingPatternsBuilder builder) => builder.AddPostgreSqlOutbox<TContext>();
}

[Implementations(ContextOutboxContract.Implementation)]
public sealed class PostgreSqlOutboxTests(PostgreSqlOutboxInstances instances) : ContextOutboxContract(instances), IClassFixture<PostgreSqlOutboxInstances>;
