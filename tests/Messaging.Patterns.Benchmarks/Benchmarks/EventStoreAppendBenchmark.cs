using System.Globalization;
using System.Text.Json;
using Messaging.Patterns.Benchmarks.Harness;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>What an append to the event store on a database costs beside a plain insert of the same row: expected version, append id, number and locks.</summary>
internal sealed class EventStoreAppendBenchmark : IBenchmark
{
    private const int RoundCount = 5;
    private const int Streams = 200;

    private readonly OrderPlaced[] _events = OrderPlaced.CreateMany(1_000);
    private int _round;

    public string Name => "efstore-append";

    public string Summary => "appends of one event to the event store on EF Core against SaveChanges of the same row in a table alike, on PostgreSQL by one writer and by 8, on SQLite by one";

    public bool IsNamedOnly => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var database = await DurableDatabase.CreateAsync();
        await CompareAsync(
            run,
            options => options.UseNpgsql(database.ConnectionString),
            store => store.AddPostgreSqlEventStore<StoreContext>(),
            [(1, 1_000, "-postgresql"), (8, 8_000, "-postgresql-8-writers")]);
        var folder = Directory.CreateTempSubdirectory("efstore-");

        try
        {
            await CompareAsync(
                run,
                options => options.UseSqlite($"Data Source={Path.Combine(folder.FullName, "events.db")}"),
                store => store.AddEventStore<StoreContext>(),
                [(1, 1_000, "-sqlite")]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task CompareAsync(
        BenchmarkRun run, Action<DbContextOptionsBuilder> connect, Action<IMessagingPatternsBuilder> add, IEnumerable<(int Writers, int Appends, string Suffix)> variants)
    {
        using var host = DatabaseHost.Build(services =>
        {
            services.AddDbContextPool<StoreContext>(connect);
            services.AddDbContextPool<PlainContext>(connect);
            add(services.AddMessagingPatterns().AddEventType<OrderPlaced>());
        });
        await host.CreateTablesAsync<StoreContext>();
        await host.CreateTablesAsync<PlainContext>();
        await host.StartAsync();
        var writer = host.Services.GetRequiredService<IEventWriter>();

        foreach (var (writers, appends, suffix) in variants)
        {
            run.Compare(Name + suffix, await Rounds<Sample>.RunAsync(
                RoundCount, () => AppendAsync(writer, writers, appends), () => InsertAsync(host.Services, writers, appends)));
        }

        await host.StopAsync();
    }

    private Task<Sample> AppendAsync(IEventWriter store, int writers, int appends)
    {
        var round = ++_round;
        return Writers.RunAsync(writers, appends, number =>
            store.AppendAsync(StreamOf(round, number), ExpectedVersion.Exactly(number / Streams), [new EventData(_events[number % _events.Length])]).AsTask());
    }

    private Task<Sample> InsertAsync(IServiceProvider services, int writers, int inserts)
    {
        var round = ++_round;
        return Writers.RunAsync(writers, inserts, async number =>
        {
            await using var scope = services.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<PlainContext>();
            context.Add(new EventRow
            {
                Stream = StreamOf(round, number).ToString(),
                Version = (number / Streams) + 1,
                Number = ((long)round << 32) + number + 1,
                Index = 0,
                AppendId = Guid.CreateVersion7(),
                EventId = Guid.CreateVersion7().ToString("N"),
                Type = "order-placed",
                Time = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture),
                ContentType = "application/json",
                Metadata = "",
                Data = JsonSerializer.SerializeToUtf8Bytes(_events[number % _events.Length], JsonSerializerOptions.Web),
            });
            await context.SaveChangesAsync();
        });
    }

    // Each stream has one writer, and 5 or 40 events.
    private static StreamId StreamOf(int round, int number) => new("order", $"{round}-{number % Streams}");

    private sealed class StoreContext(DbContextOptions<StoreContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddEventStore();
    }

    private sealed class PlainContext(DbContextOptions<PlainContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) =>
            modelBuilder.AddEventStore(tables => (tables.Events, tables.Subscriptions) = ("plain_event", "plain_subscription"));
    }
}
