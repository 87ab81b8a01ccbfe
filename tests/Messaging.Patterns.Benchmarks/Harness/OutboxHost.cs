using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>A PostgreSQL that writes to disk as in production, with an outbox, and a process that relays it to Kafka.</summary>
internal sealed class OutboxHost : IAsyncDisposable
{
    private readonly PostgreSqlServer _server;
    private readonly PostgreSqlDatabase _database;
    private readonly IHost _host;

    private OutboxHost(PostgreSqlServer server, PostgreSqlDatabase database, IHost host) => (_server, _database, _host) = (server, database, host);

    public string ConnectionString => _database.ConnectionString;

    public IServiceProvider Services => _host.Services;

    /// <summary>Makes all of it; the relay does not run yet.</summary>
    /// <param name="run">The run.</param>
    /// <param name="acknowledged">Told every record that is acknowledged.</param>
    public static async Task<OutboxHost> CreateAsync(BenchmarkRun run, Action<OutgoingRecord> acknowledged)
    {
        var server = await PostgreSqlServer.StartAsync();
        var database = await PostgreSqlDatabase.CreateAsync(server.ConnectionString);
        await database.ExecuteAsync("ALTER SYSTEM SET fsync = on");
        await database.ExecuteAsync("ALTER SYSTEM SET full_page_writes = on");
        await database.ExecuteAsync("SELECT pg_reload_conf()");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.Services.AddDbContextPool<OutboxContext>(options => options.UseNpgsql(database.ConnectionString).UsePostgreSqlOutbox());
        builder.Services.AddKafka(kafka => kafka.BootstrapServers = run.BootstrapServers).AddPostgreSqlOutboxRelay<OutboxContext>();
        Observe(builder.Services, acknowledged);
        var host = builder.Build();
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<OutboxContext>().Database.EnsureCreatedAsync();
        return new(server, database, host);
    }

    public Task StartAsync() => _host.StartAsync();

    public Task ExecuteAsync(string sql) => _database.ExecuteAsync(sql);

    /// <summary>Returns a row for a topic.</summary>
    public static OutboxRow Row(string topic, string key, byte[] value) =>
        new() { Bucket = KeyBucket.Of(key), Topic = topic, Key = key, Value = value, CreatedAt = DateTime.UtcNow };

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _database.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static void Observe(IServiceCollection services, Action<OutgoingRecord> acknowledged)
    {
        var inner = services.Single(service => service.ServiceType == typeof(IRecordProducer));
        services.Remove(inner);
        services.AddSingleton<IRecordProducer>(provider => new ObservedProducer((IRecordProducer)ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!), acknowledged));
    }

    /// <summary>A context with nothing but the outbox.</summary>
    public sealed class OutboxContext(DbContextOptions<OutboxContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddMessagingPatterns();
    }

    private sealed class ObservedProducer(IRecordProducer inner, Action<OutgoingRecord> acknowledged) : IRecordProducer
    {
        public void Send(OutgoingRecord record, Action<RecordOutcome> completed) => inner.Send(record, outcome =>
        {
            if (outcome.Status == RecordStatus.Acknowledged)
            {
                acknowledged(record);
            }

            completed(outcome);
        });
    }
}
