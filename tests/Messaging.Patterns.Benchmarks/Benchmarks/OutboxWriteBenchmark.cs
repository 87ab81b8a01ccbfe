using Messaging.Patterns.Benchmarks.Harness;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Benchmarks.Benchmarks;

/// <summary>What an outbox event beside an entity costs the transaction that saves both. No relay runs; commits are notified of as by default.</summary>
internal sealed class OutboxWriteBenchmark : IBenchmark
{
    private const int RoundCount = 5;

    private readonly OrderPlaced[] _events = OrderPlaced.CreateMany(1_000);

    public string Name => "outbox-write";

    public string Summary => "SaveChanges of one entity and an outbox event against the same entity by a context without the library, on PostgreSQL, by one writer and by 8";

    public bool IsNamedOnly => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var database = await DurableDatabase.CreateAsync();
        using var host = DatabaseHost.Build(services => Register(services, database.ConnectionString));
        await host.CreateTablesAsync<OutboxContext>();
        await host.CreateTablesAsync<PlainContext>();
        await host.StartAsync();

        foreach (var (writers, saves, suffix) in new[] { (1, 1_000, ""), (8, 8_000, "-8-writers") })
        {
            run.Compare(Name + suffix, await Rounds<Sample>.RunAsync(
                RoundCount,
                () => Writers.RunAsync(writers, saves, number => SaveAsync<OutboxContext>(host.Services, number, static (context, placed) => context.AddOutboxEvent(placed))),
                () => Writers.RunAsync(writers, saves, number => SaveAsync<PlainContext>(host.Services, number, static (_, _) => { }))));
        }

        await host.StopAsync();
    }

    private static void Register(IServiceCollection services, string connectionString)
    {
        services.AddDbContextPool<OutboxContext>(options => options.UseNpgsql(connectionString));
        services.AddDbContextPool<PlainContext>(options => options.UseNpgsql(connectionString));
        services.AddMessagingPatterns()
            .AddEventType<OrderPlaced>()
            .AddRoute<OrderPlaced>("orders", placed => placed.OrderId)
            .AddPostgreSqlOutbox<OutboxContext>();
    }

    private async Task SaveAsync<TContext>(IServiceProvider services, int number, Action<TContext, OrderPlaced> tell)
        where TContext : DbContext
    {
        var id = Guid.CreateVersion7();
        var placed = _events[number % _events.Length] with { OrderId = $"order-{id:N}" };
        await using var scope = services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<TContext>();
        context.Add(new Order { Id = id, Customer = placed.Customer, Product = placed.Product, Quantity = placed.Quantity, Price = placed.Price, Note = placed.Note });
        tell(context, placed);
        await context.SaveChangesAsync();
    }

    private sealed class Order
    {
        public required Guid Id { get; init; }

        public required string Customer { get; init; }

        public required string Product { get; init; }

        public required int Quantity { get; init; }

        public required decimal Price { get; init; }

        public required string Note { get; init; }
    }

    private sealed class OutboxContext(DbContextOptions<OutboxContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddMessagingPatterns().Entity<Order>().ToTable("orders");
    }

    private sealed class PlainContext(DbContextOptions<PlainContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Order>().ToTable("plain_orders");
    }
}
