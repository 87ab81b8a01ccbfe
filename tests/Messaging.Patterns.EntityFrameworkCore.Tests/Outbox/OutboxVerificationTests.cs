using System.Collections.Concurrent;
using System.Data.Common;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.EntityFrameworkCore.Tests.Model;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;

/// <summary>What an application says at its start of tables that cannot be used.</summary>
public sealed class OutboxVerificationTests(PostgreSqlFixture postgreSql)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tables_that_are_there_are_taken()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);

        Assert.Empty(await FindFaultsAsync<ShopContext>(database, (services, use) => services.AddDbContext<ShopContext>(use)));
    }

    [Fact]
    public async Task Without_migrations_it_says_how_to_add_one()
    {
        await using var database = await CreateDatabaseAsync();

        var faults = await FindFaultsAsync<ShopContext>(database, (services, use) => services.AddDbContext<ShopContext>(use));

        Assert.Equal(4, faults.Count);
        Assert.StartsWith("table 'messaging_outbox' is missing or of another shape (42P01", faults[0], StringComparison.Ordinal);
        Assert.EndsWith("The context has no migrations. Add one with 'dotnet ef migrations add Messaging' and apply it.", faults[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_migration_that_is_missing_is_named()
    {
        await using var database = await CreateDatabaseAsync();
        var migrations = new Migrations(nameof(The_migration_that_is_missing_is_named));
        Action<IServiceCollection, Action<DbContextOptionsBuilder>> add = (services, _) => services.AddDbContext<ShopContext>(
            options => options.UseNpgsql(database.ConnectionString, npgsql => npgsql.MigrationsAssembly(migrations.Assembly)));
        await using (var services = Build<ShopContext>(database, add))
        {
            await using var scope = services.CreateAsyncScope();
            migrations.Add(scope.ServiceProvider.GetRequiredService<ShopContext>(), "ShopWithOutbox");
        }

        var faults = await FindFaultsAsync<ShopContext>(database, add);

        Assert.Equal(4, faults.Count);
        Assert.All(faults, fault => Assert.Matches("Apply migration '[0-9]+_ShopWithOutbox', for example with 'dotnet ef database update'.$", fault));
    }

    [Fact]
    public async Task A_table_of_an_older_shape_is_named()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);
        await database.Database.ExecuteAsync("ALTER TABLE messaging_outbox_parked DROP COLUMN attempts");

        var fault = Assert.Single(await FindFaultsAsync<ShopContext>(database, (services, use) => services.AddDbContext<ShopContext>(use)));

        Assert.StartsWith("table 'messaging_outbox_parked' is missing or of another shape (42703", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_without_the_tables_is_named()
    {
        await using var database = await CreateDatabaseAsync();

        var faults = await FindFaultsAsync<EmptyContext>(database, (services, use) => services.AddDbContext<EmptyContext>(use));

        Assert.Equal("its model has no 'OutboxRow'. Call modelBuilder.AddMessagingPatterns() in OnModelCreating, and add a migration.", faults[0]);
    }

    [Fact]
    public async Task PostgreSql_without_its_package_is_refused()
    {
        await using var database = await CreateDatabaseAsync();
        var services = new ServiceCollection();
        services.AddMessagingPatterns().AddOutbox<ShopContext>();
        services.AddDbContext<ShopContext>(options => database.Use(options));

        var fault = Assert.Single(await FindFaultsAsync<ShopContext>(services));

        Assert.Contains("AddPostgreSqlOutbox<ShopContext>()", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DROP TRIGGER messaging_outbox_draw_number ON messaging_outbox", "has no enabled trigger 'messaging_outbox_draw_number'")]
    [InlineData("ALTER TABLE messaging_outbox DISABLE TRIGGER ALL", "has no enabled trigger 'messaging_outbox_draw_number'")]
    [InlineData("ALTER SEQUENCE messaging_outbox_number CACHE 32", "must have a cache of 1 and an increment of 1, so that numbers are drawn in the order of transactions, but they are 32 and 1.")]
    [InlineData("ALTER SEQUENCE messaging_outbox_number INCREMENT -1", "but they are 1 and -1.")]
    public async Task What_would_break_the_order_is_named(string harm, string expected)
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);
        await database.Database.ExecuteAsync(harm);

        var fault = Assert.Single(await FindFaultsAsync<ShopContext>(database, (services, use) => services.AddDbContext<ShopContext>(use)));

        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_draws_numbers_ahead_does_not_for_the_outbox()
    {
        await using var database = await CreateDatabaseAsync();
        await using var services = Build<HiLoContext>(database, (all, use) => all.AddDbContext<HiLoContext>(use));
        await using var scope = services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<HiLoContext>();
        await context.Database.EnsureCreatedAsync(Cancellation);

        context.AddOutboxEvent(new Counted("a", 1));
        await context.SaveChangesAsync(Cancellation);

        Assert.Equal(1, Assert.Single(await context.Set<OutboxRow>().ToListAsync(Cancellation)).Id);
        Assert.Empty(await FindFaultsAsync<HiLoContext>(database, (all, use) => all.AddDbContext<HiLoContext>(use)));
    }

    [Fact]
    public async Task The_start_waits_for_a_database_that_is_not_there_and_ends_the_host_when_it_is_wrong()
    {
        await using var database = new SqliteOutboxDatabase();
        using var logs = new LogLines();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(logs);
        database.AddOutbox<ShopContext>(OutboxApp.AddEvents(builder.Services));
        builder.Services.AddDbContext<ShopContext>(options => database.Use(options));
        using var host = builder.Build();

        await host.StartAsync(Cancellation);
        await logs.WaitForAsync(2000, Cancellation);

        // A database without the tables.
        await using (var created = new Microsoft.Data.Sqlite.SqliteConnection(database.ConnectionString))
        {
            await created.OpenAsync(Cancellation);
            await using var command = created.CreateCommand();
            command.CommandText = "CREATE TABLE other (id INTEGER)";
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        var thrown = await Assert.ThrowsAsync<MessagingTablesException>(() => host.Services.GetServices<IHostedService>().OfType<BackgroundService>().Single().ExecuteTask!.WaitAsync(Cancellation));
        Assert.StartsWith("The messaging tables of 'ShopContext' cannot be used: table 'messaging_outbox' is missing", thrown.Message, StringComparison.Ordinal);
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_database_that_goes_away_while_its_tables_are_looked_at_ends_nothing()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);
        using var logs = new LogLines();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(logs);
        database.AddOutbox<ShopContext>(OutboxApp.AddEvents(builder.Services));
        builder.Services.AddDbContext<ShopContext>(options => database.Use(options).AddInterceptors(new ConnectionThatBreaksOnce()));
        using var host = builder.Build();
        await host.StartAsync(Cancellation);

        await logs.WaitForAsync(2000, Cancellation);

        var verification = host.Services.GetServices<IHostedService>().OfType<TableVerification<ShopContext>>().Single();
        await verification.ExecuteTask!;
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_source_that_is_no_uri_is_refused_at_the_start()
    {
        await using var database = new SqliteOutboxDatabase();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration["Messaging:Outbox:Source"] = "";
        database.AddOutbox<ShopContext>(OutboxApp.AddEvents(builder.Services));
        builder.Services.AddDbContext<ShopContext>(options => database.Use(options));
        using var host = builder.Build();

        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));

        Assert.Equal("Property Source: must be a URI reference, but is ''.", thrown.Message);
    }

    private static ServiceProvider Build<TContext>(OutboxDatabase database, Action<IServiceCollection, Action<DbContextOptionsBuilder>> addContext)
        where TContext : DbContext
    {
        var services = new ServiceCollection();
        database.AddOutbox<TContext>(OutboxApp.AddEvents(services));
        addContext(services, options => database.Use(options));
        return services.BuildServiceProvider();
    }

    private static async Task<IReadOnlyList<string>> FindFaultsAsync<TContext>(OutboxDatabase database, Action<IServiceCollection, Action<DbContextOptionsBuilder>> addContext)
        where TContext : DbContext
    {
        await using var services = Build<TContext>(database, addContext);
        return await FindFaultsAsync<TContext>(services);
    }

    private static async Task<IReadOnlyList<string>> FindFaultsAsync<TContext>(ServiceCollection services)
        where TContext : DbContext
    {
        await using var built = services.BuildServiceProvider();
        return await FindFaultsAsync<TContext>(built);
    }

    private static async Task<IReadOnlyList<string>> FindFaultsAsync<TContext>(ServiceProvider services)
        where TContext : DbContext
    {
        await using var scope = services.CreateAsyncScope();
        return await OutboxTables.FindFaultsAsync(scope.ServiceProvider.GetRequiredService<TContext>(), Cancellation);
    }

    private async Task<PostgreSqlOutboxDatabase> CreateDatabaseAsync() => new(await postgreSql.CreateDatabaseAsync());

    private sealed class EmptyContext(DbContextOptions<EmptyContext> options) : DbContext(options);

    private sealed class HiLoContext(DbContextOptions<HiLoContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => NpgsqlModelBuilderExtensions.UseHiLo(modelBuilder.AddMessagingPatterns());
    }

    private sealed class ConnectionThatBreaksOnce : DbCommandInterceptor
    {
        private static int _broken;

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (Interlocked.Exchange(ref _broken, 1) == 0)
            {
                await using var ending = new NpgsqlCommand("SELECT pg_terminate_backend(pg_backend_pid())", (NpgsqlConnection)command.Connection!);
                await ending.ExecuteNonQueryAsync(cancellationToken);
            }

            return result;
        }
    }

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        private readonly BlockingCollection<int> _events = [];

        public Task WaitForAsync(int id, CancellationToken cancellationToken) => Task.Run(
            () =>
            {
                while (_events.Take(cancellationToken) != id)
                {
                }
            },
            cancellationToken);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _events.Add(eventId.Id);

        public void Dispose()
        {
        }
    }
}
