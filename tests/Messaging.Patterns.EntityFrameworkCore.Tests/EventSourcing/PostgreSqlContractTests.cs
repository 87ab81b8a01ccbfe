using Messaging.Patterns.ContractTests;
using Messaging.Patterns.ContractTests.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.PostgreSql.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;

public sealed class ContractCompletenessTests
{
    [Fact]
    public void Every_implementation_on_a_database_inherits_every_suite_on_PostgreSQL() =>
        Assert.Empty(ContractCompleteness.FindGaps([typeof(EntityFrameworkEventStore).Assembly, typeof(PostgreSqlEventDatabase).Assembly], typeof(ContractCompletenessTests).Assembly));
}

/// <summary>Two processes with one database on a PostgreSQL server.</summary>
public sealed class PostgreSqlInstances(PostgreSqlFixture postgreSql) : Instances
{
    public const string Store = "Messaging.Patterns.EntityFrameworkCore.EventSourcing.EntityFrameworkEventStore";
    public const string Feed = "Messaging.Patterns.EntityFrameworkCore.EventSourcing.EntityFrameworkEventFeed";

    private PostgreSqlDatabase? _database;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await (_database?.DisposeAsync() ?? default);
    }

    protected override async Task<IHost> StartAsync()
    {
        _database ??= await postgreSql.CreateDatabaseAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMessagingPatterns().AddContractEvents().AddPostgreSqlEventStore<EventsContext>();
        builder.Services.AddDbContext<EventsContext>(options => options.UseNpgsql(_database.ConnectionString));
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
public sealed class PostgreSqlCollection : ICollectionFixture<PostgreSqlInstances>;

[Collection<PostgreSqlCollection>]
[Implementations(PostgreSqlInstances.Store)]
public sealed class PostgreSqlAppendTests(PostgreSqlInstances instances) : AppendContract(instances);

[Collection<PostgreSqlCollection>]
[Implementations(PostgreSqlInstances.Store)]
public sealed class PostgreSqlBadAppendTests(PostgreSqlInstances instances) : BadAppendContract(instances);

[Collection<PostgreSqlCollection>]
[Implementations(PostgreSqlInstances.Store)]
public sealed class PostgreSqlConcurrentAppendTests(PostgreSqlInstances instances) : ConcurrentAppendContract(instances);

[Collection<PostgreSqlCollection>]
[Implementations(PostgreSqlInstances.Store)]
public sealed class PostgreSqlRepeatedAppendTests(PostgreSqlInstances instances) : RepeatedAppendContract(instances)
{
    // Their ids are kept with the events.
    protected override bool ForgetsAppends => false;
}

[Collection<PostgreSqlCollection>]
[Implementations(PostgreSqlInstances.Store)]
public sealed class PostgreSqlStreamReadTests(PostgreSqlInstances instances) : StreamReadContract(instances)
{
    // Every read asks the server.
    protected override bool ReadsLocally => false;
}

[Collection<PostgreSqlCollection>]
[Implementations(PostgreSqlInstances.Store)]
public sealed class PostgreSqlDecideTests(PostgreSqlInstances instances) : DecideContract(instances);

[Collection<PostgreSqlCollection>]
[Implementations(PostgreSqlInstances.Feed)]
public sealed class PostgreSqlEventFeedTests(PostgreSqlInstances instances) : EventFeedContract(instances);
