using Messaging.Patterns.ContractTests;
using Messaging.Patterns.ContractTests.EventSourcing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.Testing.Tests.EntityFramework;

/// <summary>Two processes with one SQLite file.</summary>
public sealed class SqliteInstances : Instances
{
    public const string Store = "Messaging.Patterns.EntityFrameworkCore.EventSourcing.EntityFrameworkEventStore";
    public const string Feed = "Messaging.Patterns.EntityFrameworkCore.EventSourcing.EntityFrameworkEventFeed";

    private readonly string _folder = Directory.CreateTempSubdirectory("event-store-").FullName;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    protected override async Task<IHost> StartAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMessagingPatterns().AddContractEvents().AddEventStore<EventsContext>();
        builder.Services.AddDbContext<EventsContext>(options => options.UseSqlite($"Data Source={Path.Combine(_folder, "events.sqlite")}"));
        var host = builder.Build();

        await using (var scope = host.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<EventsContext>().Database.EnsureCreatedAsync();
        }

        await host.StartAsync();
        return host;
    }
}

internal sealed class EventsContext(DbContextOptions<EventsContext> options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddEventStore();
}

[CollectionDefinition]
public sealed class SqliteCollection : ICollectionFixture<SqliteInstances>;

[Collection<SqliteCollection>]
[Implementations(SqliteInstances.Store)]
public sealed class SqliteAppendTests(SqliteInstances instances) : AppendContract(instances);

[Collection<SqliteCollection>]
[Implementations(SqliteInstances.Store)]
public sealed class SqliteBadAppendTests(SqliteInstances instances) : BadAppendContract(instances);

[Collection<SqliteCollection>]
[Implementations(SqliteInstances.Store)]
public sealed class SqliteConcurrentAppendTests(SqliteInstances instances) : ConcurrentAppendContract(instances);

[Collection<SqliteCollection>]
[Implementations(SqliteInstances.Store)]
public sealed class SqliteRepeatedAppendTests(SqliteInstances instances) : RepeatedAppendContract(instances)
{
    // Their ids are kept with the events.
    protected override bool ForgetsAppends => false;
}

[Collection<SqliteCollection>]
[Implementations(SqliteInstances.Store)]
public sealed class SqliteStreamReadTests(SqliteInstances instances) : StreamReadContract(instances);

[Collection<SqliteCollection>]
[Implementations(SqliteInstances.Store)]
public sealed class SqliteDecideTests(SqliteInstances instances) : DecideContract(instances);

[Collection<SqliteCollection>]
[Implementations(SqliteInstances.Feed)]
public sealed class SqliteEventFeedTests(SqliteInstances instances) : EventFeedContract(instances);
