using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.PostgreSql.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.Tests.Model;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;

/// <summary>What an application says at its start of tables that cannot be used, and migrations as <c>dotnet ef migrations add</c> makes them.</summary>
public sealed class EventStoreVerificationTests(PostgreSqlFixture postgreSql)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_missing_migration_is_named_and_once_it_is_applied_the_store_works()
    {
        await using var database = await CreateDatabaseAsync();
        var migrations = new Migrations(nameof(The_missing_migration_is_named_and_once_it_is_applied_the_store_works));
        await using var before = CreateContext(database, migrations);
        Assert.EndsWith("The context has no migrations. Add one with 'dotnet ef migrations add Messaging' and apply it.", (await FindFaultsAsync(before))[0], StringComparison.Ordinal);

        migrations.Add(before, "Events");
        await using var context = CreateContext(database, migrations);
        Assert.Matches("(?s)^table 'messaging_event' is missing or of another shape .* Apply migration '[0-9]+_Events', for example with 'dotnet ef database update'.$", (await FindFaultsAsync(context))[0]);
        Assert.StartsWith("table 'messaging_subscription' is missing", (await FindFaultsAsync(context))[1], StringComparison.Ordinal);
        await context.Database.MigrateAsync(Cancellation);

        Assert.Empty(await FindFaultsAsync(context));
        await using var next = CreateContext(database, migrations);
        Assert.DoesNotContain("migrationBuilder.", migrations.Add(next, "Nothing"), StringComparison.Ordinal);
        await using var app = await EventStoreApp.CreateAsync(database);
        Assert.Equal(1, (await app.Store.AppendAsync(new StreamId("a", "1"), ExpectedVersion.NoStream, [new(new Charged(1))], cancellationToken: Cancellation)).Version);
    }

    [Theory]
    [InlineData("ALTER TABLE messaging_event ALTER COLUMN number SET CACHE 32", "must have a cache of 1, an increment of 1 and no cycle, so that numbers grow from one transaction to the next, but they are 32, 1 and NO CYCLE.")]
    [InlineData("ALTER TABLE messaging_event ALTER COLUMN number SET INCREMENT BY 10", "but they are 1, 10 and NO CYCLE.")]
    [InlineData("ALTER TABLE messaging_event ALTER COLUMN number SET CYCLE", "but they are 1, 1 and CYCLE.")]
    [InlineData("ALTER TABLE messaging_event ALTER COLUMN number DROP IDENTITY", "has no sequence of its own")]
    [InlineData("DROP INDEX \"IX_messaging_event_number_event_index\"", "table 'messaging_event' has no unique index on (number, event_index), without which its rows are neither surely unique nor found fast. Create it: CREATE UNIQUE INDEX \"IX_messaging_event_number_event_index\" ON messaging_event (number, event_index)")]
    [InlineData("DROP INDEX \"IX_messaging_event_stream_append_id_event_index\"", "has no unique index on (stream, append_id, event_index)")]
    [InlineData("ALTER TABLE messaging_event DROP CONSTRAINT \"PK_messaging_event\"", "has no unique index on (stream, version)")]
    [InlineData("DROP INDEX \"IX_messaging_event_number_event_index\"; CREATE INDEX again ON messaging_event (number, event_index)", "has no unique index on (number, event_index)")]
    [InlineData("DROP INDEX \"IX_messaging_event_number_event_index\"; CREATE UNIQUE INDEX again ON messaging_event (event_index, number)", "has no unique index on (number, event_index)")]
    [InlineData("ALTER TABLE messaging_event DROP COLUMN metadata", "table 'messaging_event' is missing or of another shape (42703")]
    public async Task What_would_break_the_feed_is_named(string harm, string expected)
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        await database.Database.ExecuteAsync(harm);

        await app.InScopeAsync(async context => Assert.Contains(expected, await FindFaultAsync(context), StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_index_of_a_migration_that_was_not_applied_is_named_with_it()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        await database.Database.ExecuteAsync("DROP INDEX \"IX_messaging_event_number_event_index\"");
        var migrations = new Migrations(nameof(An_index_of_a_migration_that_was_not_applied_is_named_with_it));
        await using (var before = CreateContext(database, migrations))
        {
            migrations.Add(before, "Indexes");
        }

        await using var context = CreateContext(database, migrations);

        Assert.Matches(@"has no unique index on \(number, event_index\), .* Apply migration '[0-9]+_Indexes', for example", await FindFaultAsync(context));
    }

    [Fact]
    public async Task On_SQLite_an_index_that_is_missing_is_named()
    {
        await using var database = new SqliteOutboxDatabase();
        await using var app = await EventStoreApp.CreateAsync(database);
        await app.InScopeAsync(async context => Assert.Empty(await EventStoreRegistration.FindFaultsAsync(context, new SqliteEventDatabase(), Cancellation)));

        await app.InScopeAsync(context => context.Database.ExecuteSqlRawAsync("DROP INDEX \"IX_messaging_event_number_event_index\"", Cancellation));

        await app.InScopeAsync(async context => Assert.StartsWith(
            "table 'messaging_event' has no unique index on (number, event_index)", Assert.Single(await EventStoreRegistration.FindFaultsAsync(context, new SqliteEventDatabase(), Cancellation)), StringComparison.Ordinal));
    }

    [Fact]
    public async Task PostgreSql_without_its_package_is_refused()
    {
        await using var database = await CreateDatabaseAsync();
        await using var context = CreateContext(database, new Migrations(nameof(PostgreSql_without_its_package_is_refused)));

        var fault = Assert.Single(await EventStoreRegistration.FindFaultsAsync(context, new SqliteEventDatabase(), Cancellation));

        Assert.Contains("AddPostgreSqlEventStore<EventsContext>()", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_without_the_table_and_a_context_without_a_store_are_named()
    {
        await using var context = new EmptyContext(new DbContextOptionsBuilder<EmptyContext>().UseSqlite("Data Source=:memory:").Options);

        Assert.Equal(
            [
                "its model has no 'EventRow'. Call modelBuilder.AddEventStore() in OnModelCreating, and add a migration.",
                "its model has no 'SubscriptionRow'. Call modelBuilder.AddEventStore() in OnModelCreating, and add a migration.",
            ],
            await EventStoreRegistration.FindFaultsAsync(context, new SqliteEventDatabase(), Cancellation));
        var thrown = Assert.Throws<InvalidOperationException>(() => context.EventStore());
        Assert.StartsWith("'EmptyContext' has no event store. Register it with AddEventStore<EmptyContext>()", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_fault_of_the_options_is_told_at_the_start()
    {
        await using var database = new SqliteOutboxDatabase();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration["Messaging:EventStore:AppendTimeout"] = "00:00:00";
        builder.Configuration["Messaging:EventStore:PollInterval"] = "-00:00:01";
        builder.Services.AddMessagingPatterns().AddContractEvents().AddEventStore<EventsContext>();
        builder.Services.AddDbContext<EventsContext>(options => database.Use(options));
        using var host = builder.Build();

        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));

        Assert.Equal(
            "Property AppendTimeout: must be positive and at most 24 days, but is 00:00:00.; Property PollInterval: must be positive and at most 24 days, but is -00:00:01.",
            thrown.Message);
    }

    private static EventsContext CreateContext(PostgreSqlOutboxDatabase database, Migrations migrations) => new(
        new DbContextOptionsBuilder<EventsContext>().UseNpgsql(database.ConnectionString, npgsql => npgsql.MigrationsAssembly(migrations.Assembly)).Options);

    private static Task<IReadOnlyList<string>> FindFaultsAsync(EventsContext context) => EventStoreRegistration.FindFaultsAsync(context, new PostgreSqlEventDatabase(), Cancellation);

    private static async Task<string> FindFaultAsync(EventsContext context) => Assert.Single(await FindFaultsAsync(context));

    private async Task<PostgreSqlOutboxDatabase> CreateDatabaseAsync() => new(await postgreSql.CreateDatabaseAsync());

    private sealed class EmptyContext(DbContextOptions<EmptyContext> options) : DbContext(options);
}
