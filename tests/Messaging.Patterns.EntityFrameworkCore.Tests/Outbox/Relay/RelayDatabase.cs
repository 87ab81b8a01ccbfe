using System.Text;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox.Relay;

/// <summary>A database with an outbox, and the processes around it.</summary>
public abstract class RelayDatabase : IAsyncDisposable
{
    private readonly List<IHost> _hosts = [];

    /// <summary>Gets or sets the clock of processes that are made from now on.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task CreateTablesAsync()
    {
        await using var context = CreateContext();
        await context.Database.EnsureCreatedAsync(Cancellation);
    }

    /// <summary>Starts a process with a relay.</summary>
    public Task<IHost> StartRelayAsync(IRecordProducer producer, Action<OutboxRelayOptions>? configure = null, string? broker = null) =>
        StartAsync(BuildRelay(producer, configure, broker));

    /// <summary>Starts a process with a relay that sends in transactions.</summary>
    public Task<IHost> StartRelayAsync(IRecordTransactions transactions, Action<OutboxRelayOptions> configure) =>
        StartAsync(BuildRelay(transactions, configure));

    /// <summary>Makes a process with a relay that sends in transactions, and does not run yet.</summary>
    public IHost BuildRelay(IRecordTransactions transactions, Action<OutboxRelayOptions> configure) => BuildRelay(ServiceDescriptor.Singleton(transactions), configure);

    private async Task<IHost> StartAsync(IHost host)
    {
        _hosts.Add(host);
        await host.StartAsync(Cancellation);
        return host;
    }

    /// <summary>Makes a process with a relay that does not run yet.</summary>
    public IHost BuildRelay(IRecordProducer producer, Action<OutboxRelayOptions>? configure = null, string? broker = null) =>
        BuildRelay(broker is null ? ServiceDescriptor.Singleton(producer) : ServiceDescriptor.KeyedSingleton(broker, producer), configure);

    private IHost BuildRelay(ServiceDescriptor sender, Action<OutboxRelayOptions>? configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(Clock);
        builder.Services.AddDbContext<RelayContext>(options => Use(options, isRelay: true));
        builder.Services.Add(sender);
        AddRelay(builder.Services.AddMessagingPatterns(), options =>
        {
            (options.LeaseDuration, options.PollInterval) = (TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(50));
            configure?.Invoke(options);
        });
        return builder.Build();
    }

    /// <summary>Starts a process that writes and relays nothing.</summary>
    public async Task<IHost> StartWriterAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddDbContext<RelayContext>(options => Use(options, isRelay: false));
        AddOutbox(builder.Services.AddMessagingPatterns());
        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync(Cancellation);
        return host;
    }

    public RelayContext CreateContext()
    {
        var options = new DbContextOptionsBuilder<RelayContext>();
        Use(options, isRelay: false);
        return new(options.Options);
    }

    public static OutboxRow Row(string key, string text) =>
        new() { Bucket = KeyBucket.Of(key), Topic = "topic", Key = key, Value = Encoding.UTF8.GetBytes(text), CreatedAt = DateTime.UtcNow };

    /// <summary>Adds rows in a transaction of their own; each is its key, a colon and a text.</summary>
    public async Task AddAsync(params IEnumerable<string> texts)
    {
        await using var context = CreateContext();
        context.AddRange(texts.Select(text => Row(text.Split(':')[0], text)));
        await context.SaveChangesAsync(Cancellation);
    }

    /// <summary>Counts what is in a table, or what else stands behind <c>FROM</c>.</summary>
    public async Task<long> CountAsync(string table)
    {
        var sql = "SELECT count(*) AS \"Value\" FROM " + table;
        await using var context = CreateContext();
        return await context.Database.SqlQueryRaw<long>(sql).SingleAsync(Cancellation);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var context = CreateContext();
        await context.Database.ExecuteSqlRawAsync(sql, Cancellation);
    }

    /// <summary>Waits until something holds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(20, Cancellation);
        }
    }

    /// <summary>Waits until nothing waits in the outbox.</summary>
    public Task UntilEmptyAsync() => UntilAsync(async () => await CountAsync("messaging_outbox") == 0);

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync(CancellationToken.None);
            host.Dispose();
        }

        await DeleteAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract void Use(DbContextOptionsBuilder options, bool isRelay);

    protected abstract void AddOutbox(IMessagingPatternsBuilder builder);

    protected abstract void AddRelay(IMessagingPatternsBuilder builder, Action<OutboxRelayOptions> configure);

    protected abstract ValueTask DeleteAsync();
}

public sealed class PostgreSqlRelayDatabase(PostgreSqlDatabase database) : RelayDatabase
{
    /// <summary>What connections of relays are called.</summary>
    public const string RelayName = "relay";

    protected override void Use(DbContextOptionsBuilder options, bool isRelay) =>
        options.UseNpgsql(isRelay ? $"{database.ConnectionString};Application Name={RelayName}" : database.ConnectionString).UsePostgreSqlOutbox();

    protected override void AddOutbox(IMessagingPatternsBuilder builder) => builder.AddPostgreSqlOutbox<RelayContext>();

    protected override void AddRelay(IMessagingPatternsBuilder builder, Action<OutboxRelayOptions> configure) => builder.AddPostgreSqlOutboxRelay<RelayContext>(configure);

    protected override ValueTask DeleteAsync() => database.DisposeAsync();
}

public sealed class SqliteRelayDatabase : RelayDatabase
{
    private readonly SqliteOutboxDatabase _database = new();

    protected override void Use(DbContextOptionsBuilder options, bool isRelay) => _database.Use(options);

    protected override void AddOutbox(IMessagingPatternsBuilder builder) => builder.AddOutbox<RelayContext>();

    protected override void AddRelay(IMessagingPatternsBuilder builder, Action<OutboxRelayOptions> configure) => builder.AddOutboxRelay<RelayContext>(configure);

    protected override ValueTask DeleteAsync() => _database.DisposeAsync();
}
