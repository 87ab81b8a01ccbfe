using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>A store that a subscription reads from its first event on, with a handler that writes nothing: what remains is the feed, and the transactions in which the place moves.</summary>
internal sealed class EventStoreSubscriptionBenchmark : IBenchmark
{
    private const int RoundCount = 3;
    private const int Events = 100_000;
    private const int Singles = 5_000;
    private const int EventsPerAppend = 10;
    private const int BatchSize = 500;

    private readonly OrderPlaced[] _events = OrderPlaced.CreateMany(1_000);
    private int _round;

    public string Name => "efstore-subscription";

    public string Summary => "a subscription with an empty handler reads an event store on PostgreSQL from its beginning: in batches, and event by event";

    public bool IsNamedOnly => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var database = await DurableDatabase.CreateAsync();
        await FillAsync(database);
        await HandleAsync(run, database, Name, Events, subscription => subscription.HandleBatch<OrderPlaced, EmptyHandler>().Configure(options => options.BatchSize = BatchSize));
        await HandleAsync(run, database, $"{Name}-single", Singles, subscription => subscription.Handle<OrderPlaced, EmptyHandler>());
    }

    private async Task FillAsync(DurableDatabase database)
    {
        using var host = DatabaseHost.Build(services => AddStore(services, database));
        await host.CreateTablesAsync<StoreContext>();
        await host.StartAsync();
        var store = host.Services.GetRequiredService<IEventWriter>();
        await Writers.RunAsync(8, Events / EventsPerAppend, number => store.AppendAsync(
            new StreamId("order", $"{number}"), ExpectedVersion.NoStream,
            [.. Enumerable.Range(number, EventsPerAppend).Select(index => new EventData(_events[index % _events.Length]))]).AsTask());
        await host.StopAsync();
        await database.ExecuteAsync("VACUUM ANALYZE messaging_event");
    }

    private async Task HandleAsync(BenchmarkRun run, DurableDatabase database, string figure, int events, Action<EventStoreSubscriptionBuilder> handle)
    {
        var samples = new List<Sample>();

        // The first does not count.
        for (var round = 0; round <= RoundCount; round++)
        {
            samples.Add(await HandleOnceAsync(database, events, handle));
            Console.WriteLine($"  {figure}  {samples[^1]}");
        }

        run.Figure($"{figure}/events-per-second", samples.Skip(1).Median(sample => sample.PerSecond), "events/s");
        run.Figure($"{figure}/cpu-us-per-event", samples.Skip(1).Median(sample => sample.CpuMicroseconds), "us");
    }

    private async Task<Sample> HandleOnceAsync(DurableDatabase database, int events, Action<EventStoreSubscriptionBuilder> handle)
    {
        var counting = new Counting(events);
        using var host = DatabaseHost.Build(services =>
        {
            services.AddSingleton(counting);
            AddStore(services, database).AddEventStoreSubscription<StoreContext>($"round-{++_round}", handle);
        });
        await host.StartAsync();
        var sample = await counting.Done;
        await host.StopAsync();
        return sample;
    }

    private static IMessagingPatternsBuilder AddStore(IServiceCollection services, DurableDatabase database)
    {
        services.AddDbContextPool<StoreContext>(options => options.UseNpgsql(database.ConnectionString));
        return services.AddMessagingPatterns().AddEventType<OrderPlaced>().AddPostgreSqlEventStore<StoreContext>();
    }

    private sealed class StoreContext(DbContextOptions<StoreContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddEventStore();
    }
}
