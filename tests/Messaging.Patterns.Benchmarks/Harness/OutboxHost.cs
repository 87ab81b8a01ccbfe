using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.Publishing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>A PostgreSQL with an outbox, and a process that relays it to Kafka, or only writes.</summary>
internal sealed class OutboxHost : IAsyncDisposable
{
    private readonly DurableDatabase _database;
    private readonly IHost _host;

    private OutboxHost(DurableDatabase database, IHost host) => (_database, _host) = (database, host);

    public string ConnectionString => _database.ConnectionString;

    public IServiceProvider Services => _host.Services;

    /// <summary>Makes all of it; the relay does not run yet.</summary>
    /// <param name="run">The run.</param>
    /// <param name="acknowledged">Told every record that is acknowledged; <see langword="null"/> if the relay is to be in another process.</param>
    public static async Task<OutboxHost> CreateAsync(BenchmarkRun run, Action<OutgoingRecord>? acknowledged)
    {
        var database = await DurableDatabase.CreateAsync();
        var host = acknowledged is null ? DatabaseHost.Build(services => AddOutbox(services, database.ConnectionString)) : BuildRelay(run, database.ConnectionString, acknowledged);
        await host.CreateTablesAsync<OutboxContext>();
        return new(database, host);
    }

    /// <summary>Returns a process that relays an outbox and may write into it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="connectionString">The outbox's database.</param>
    /// <param name="acknowledged">Told every record that is acknowledged.</param>
    public static IHost BuildRelay(BenchmarkRun run, string connectionString, Action<OutgoingRecord> acknowledged) => DatabaseHost.Build(services =>
    {
        AddOutbox(services, connectionString);
        services.AddKafka(kafka => kafka.BootstrapServers = run.BootstrapServers).AddPostgreSqlOutboxRelay<OutboxContext>();
        Observe(services, acknowledged);
    });

    public Task StartAsync() => _host.StartAsync();

    public Task ExecuteAsync(string sql) => _database.ExecuteAsync(sql);

    public Task<long> CountAsync() => _database.CountAsync("messaging_outbox");

    /// <summary>Returns a row for a topic.</summary>
    public static OutboxRow Row(string topic, string key, byte[] value) =>
        new() { Bucket = KeyBucket.Of(key), Topic = topic, Key = key, Value = value, CreatedAt = DateTime.UtcNow };

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _database.DisposeAsync();
    }

    private static void AddOutbox(IServiceCollection services, string connectionString) => services
        .AddDbContextPool<OutboxContext>(options => options.UseNpgsql(connectionString))
        .AddMessagingPatterns()
        .AddPostgreSqlOutbox<OutboxContext>();

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
