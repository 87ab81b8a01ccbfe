using System.Text;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.EntityFrameworkCore.Outbox.Relay;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox.Relay;

/// <summary>What was sent and is kept in a table of its own, on every database.</summary>
public abstract class SentOutboxTests
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_sent_is_kept_as_it_was_until_it_is_too_old()
    {
        await using var database = await CreateDatabaseAsync();
        var producer = new ScriptedProducer { Answer = text => text == "b:1" ? RecordStatus.Refused : RecordStatus.Acknowledged };
        using var host = Build(database, producer, TimeProvider.System);
        await CreateTablesAsync(host);
        await host.StartAsync(Cancellation);
        await AddAsync(host, "a:1", "a:2", "b:1", "c:1");

        await RelayDatabase.UntilAsync(async () => await CountAsync<OutboxRow>(host) == 0);

        var sent = await ReadAsync(host);
        Assert.Equal(["a:1", "a:2", "c:1"], sent.Select(row => Encoding.UTF8.GetString(row.Value!)).Order());
        Assert.True(sent.Single(row => Is(row, "a:1")).Id < sent.Single(row => Is(row, "a:2")).Id);
        Assert.All(sent, row => Assert.Equal(("topic", DateTimeKind.Utc), (row.Topic, row.SentAt.Kind)));
        Assert.All(sent, row => Assert.True(row.SentAt > DateTime.UtcNow.AddHours(-1)));
        Assert.Equal(1, await CountAsync<ParkedOutboxRow>(host));
        await host.StopAsync(Cancellation);

        Assert.Equal(0, await CleanUpAsync(host));
        using var later = Build(database, producer, new ShiftedClock(TimeSpan.FromDays(2) + TimeSpan.FromMinutes(5)));
        Assert.Equal(3, await CleanUpAsync(later));
        Assert.Equal((0, 1), (await CountAsync<SentOutboxRow>(host), await CountAsync<ParkedOutboxRow>(host)));
    }

    [Fact]
    public async Task A_table_that_is_missing_is_named()
    {
        await using var database = await CreateDatabaseAsync();
        using var host = Build(database, new ScriptedProducer(), TimeProvider.System);
        await CreateTablesAsync(host);
        await using var scope = host.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<KeepingContext>();
        await context.Database.ExecuteSqlRawAsync("DROP TABLE messaging_outbox_sent", Cancellation);

        Assert.StartsWith("table 'messaging_outbox_sent' is missing", Assert.Single(await OutboxTables.FindFaultsAsync(context, Cancellation)), StringComparison.Ordinal);
    }

    public abstract Task<OutboxDatabase> CreateDatabaseAsync();

    protected abstract void AddRelay(IMessagingPatternsBuilder builder, Action<OutboxRelayOptions> configure);

    private static bool Is(SentOutboxRow row, string text) => Encoding.UTF8.GetString(row.Value!) == text;

    private static async Task<T> InContextAsync<T>(IHost host, Func<KeepingContext, Task<T>> action)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await action(scope.ServiceProvider.GetRequiredService<KeepingContext>());
    }

    private static Task<bool> CreateTablesAsync(IHost host) => InContextAsync(host, context => context.Database.EnsureCreatedAsync(Cancellation));

    private static Task<int> AddAsync(IHost host, params string[] texts) => InContextAsync(host, context =>
    {
        context.AddRange(texts.Select(text => RelayDatabase.Row(text.Split(':')[0], text)));
        return context.SaveChangesAsync(Cancellation);
    });

    private static Task<int> CountAsync<TRow>(IHost host)
        where TRow : class => InContextAsync(host, context => context.Set<TRow>().CountAsync(Cancellation));

    private static Task<List<SentOutboxRow>> ReadAsync(IHost host) => InContextAsync(host, context => context.Set<SentOutboxRow>().AsNoTracking().ToListAsync(Cancellation));

    private static Task<int> CleanUpAsync(IHost host) => host.Services.GetRequiredService<SentOutboxCleaner<KeepingContext>>().CleanUpAsync(Cancellation);

    private IHost Build(OutboxDatabase database, IRecordProducer producer, TimeProvider clock)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(clock).AddSingleton(producer).AddDbContext<KeepingContext>(options => database.Use(options));
        AddRelay(database.AddOutbox<KeepingContext>(builder.Services.AddMessagingPatterns()), relay => (relay.PollInterval, relay.KeepSentFor) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromDays(2)));
        return builder.Build();
    }

    private sealed class KeepingContext(DbContextOptions<KeepingContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddMessagingPatterns(tables => tables.SentOutbox = "messaging_outbox_sent");
    }

    public sealed class OnSqlite : SentOutboxTests
    {
        public override Task<OutboxDatabase> CreateDatabaseAsync() => Task.FromResult<OutboxDatabase>(new SqliteOutboxDatabase());

        protected override void AddRelay(IMessagingPatternsBuilder builder, Action<OutboxRelayOptions> configure) => builder.AddOutboxRelay<KeepingContext>(configure);
    }

    public sealed class OnPostgreSql(PostgreSqlFixture postgreSql) : SentOutboxTests
    {
        public override async Task<OutboxDatabase> CreateDatabaseAsync() => new PostgreSqlOutboxDatabase(await postgreSql.CreateDatabaseAsync());

        protected override void AddRelay(IMessagingPatternsBuilder builder, Action<OutboxRelayOptions> configure) => builder.AddPostgreSqlOutboxRelay<KeepingContext>(configure);
    }
}
