using Messaging.Patterns.ContractTests;
using Messaging.Patterns.ContractTests.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.SqlServer;

// The suites of event stores, for whoever has a SQL Server. They are always compiled; SqlServerSuites.Discovered.cs, which is compiled only if SQLSERVER_CONNECTION is set, lets the
// runner find them.

/// <summary>Two processes with one database on a SQL Server.</summary>
public sealed class SqlServerInstances : Instances
{
    private SqlServerDatabase? _database;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await (_database?.DisposeAsync() ?? default);
    }

    protected override async Task<IHost> StartAsync()
    {
        _database ??= new SqlServerDatabase();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMessagingPatterns().AddContractEvents().AddSqlServerEventStore<EventsContext>();
        builder.Services.AddDbContext<EventsContext>(options => _database.Use(options));
        var host = builder.Build();

        await using (var scope = host.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<EventsContext>().Database.EnsureCreatedAsync();
        }

        await host.StartAsync();
        return host;
    }
}

[CollectionDefinition]
public sealed class SqlServerCollection : ICollectionFixture<SqlServerInstances>;

[Collection<SqlServerCollection>]
[Implementations(PostgreSqlInstances.Store)]
public abstract class SqlServerAppendSuite(SqlServerInstances instances) : AppendContract(instances);

[Collection<SqlServerCollection>]
[Implementations(PostgreSqlInstances.Store)]
public abstract class SqlServerBadAppendSuite(SqlServerInstances instances) : BadAppendContract(instances);

[Collection<SqlServerCollection>]
[Implementations(PostgreSqlInstances.Store)]
public abstract class SqlServerConcurrentAppendSuite(SqlServerInstances instances) : ConcurrentAppendContract(instances);

[Collection<SqlServerCollection>]
[Implementations(PostgreSqlInstances.Store)]
public abstract class SqlServerRepeatedAppendSuite(SqlServerInstances instances) : RepeatedAppendContract(instances)
{
    // Their ids are kept with the events.
    protected override bool ForgetsAppends => false;
}

[Collection<SqlServerCollection>]
[Implementations(PostgreSqlInstances.Store)]
public abstract class SqlServerStreamReadSuite(SqlServerInstances instances) : StreamReadContract(instances)
{
    // Every read asks the server.
    protected override bool ReadsLocally => false;
}

[Collection<SqlServerCollection>]
[Implementations(PostgreSqlInstances.Store)]
public abstract class SqlServerDecideSuite(SqlServerInstances instances) : DecideContract(instances);

[Collection<SqlServerCollection>]
[Implementations(PostgreSqlInstances.Feed)]
public abstract class SqlServerEventFeedSuite(SqlServerInstances instances) : EventFeedContract(instances);

public abstract class SqlServerEventStoreSuite : EventStoreTests
{
    protected override Task<OutboxDatabase> CreateDatabaseAsync() => Task.FromResult<OutboxDatabase>(new SqlServerDatabase());
}

public abstract class SqlServerSubscriptionSuite : SubscriptionTests
{
    protected override Task<OutboxDatabase> CreateDatabaseAsync() => Task.FromResult<OutboxDatabase>(new SqlServerDatabase());
}

public abstract class SqlServerSubscriptionBatchSuite : SubscriptionBatchTests
{
    protected override Task<OutboxDatabase> CreateDatabaseAsync() => Task.FromResult<OutboxDatabase>(new SqlServerDatabase());
}

public abstract class SqlServerInlineProjectionSuite : InlineProjectionTests
{
    protected override Task<OutboxDatabase> CreateDatabaseAsync() => Task.FromResult<OutboxDatabase>(new SqlServerDatabase());
}
