using System.Text;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox.Relay;

/// <summary>A database with an outbox, and the processes around it.</summary>
internal sealed class RelayDatabase(PostgreSqlDatabase database) : IAsyncDisposable
{
    /// <summary>What connections of relays are called.</summary>
    public const string RelayName = "relay";

    private readonly List<IHost> _hosts = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public string ConnectionString => database.ConnectionString;

    public static async Task<RelayDatabase> CreateAsync(PostgreSqlFixture postgreSql)
    {
        var created = new RelayDatabase(await postgreSql.CreateDatabaseAsync());
        await using var context = created.CreateContext();
        await context.Database.EnsureCreatedAsync(Cancellation);
        return created;
    }

    /// <summary>Starts a process with a relay.</summary>
    public async Task<IHost> StartRelayAsync(IRecordProducer producer, Action<OutboxRelayOptions>? configure = null)
    {
        var host = BuildRelay(producer, configure);
        _hosts.Add(host);
        await host.StartAsync(Cancellation);
        return host;
    }

    /// <summary>Makes a process with a relay that does not run yet.</summary>
    public IHost BuildRelay(IRecordProducer producer, Action<OutboxRelayOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddDbContext<RelayContext>(options => Configure(options, $"{ConnectionString};Application Name={RelayName}"));
        builder.Services.AddSingleton(producer);
        builder.Services.AddMessagingPatterns().AddPostgreSqlOutboxRelay<RelayContext>(options =>
        {
            (options.LeaseDuration, options.PollInterval) = (TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(50));
            configure?.Invoke(options);
        });
        return builder.Build();
    }

    public RelayContext CreateContext() => new(((DbContextOptionsBuilder<RelayContext>)Configure(new DbContextOptionsBuilder<RelayContext>(), ConnectionString)).Options);

    public static OutboxRow Row(string key, string text) =>
        new() { Bucket = KeyBucket.Of(key), Topic = "topic", Key = key, Value = Encoding.UTF8.GetBytes(text), CreatedAt = DateTime.UtcNow };

    /// <summary>Adds rows in a transaction of their own; each is its key, a colon and a text.</summary>
    public async Task AddAsync(params IEnumerable<string> texts)
    {
        await using var context = CreateContext();
        context.AddRange(texts.Select(text => Row(text.Split(':')[0], text)));
        await context.SaveChangesAsync(Cancellation);
    }

    public async Task<long> CountAsync(string table)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand($"SELECT count(*) FROM {table}", connection);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    public Task ExecuteAsync(string sql) => database.ExecuteAsync(sql);

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

        await database.DisposeAsync();
    }

    private static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options, string connectionString) => options.UseNpgsql(connectionString).UsePostgreSqlOutbox();
}
