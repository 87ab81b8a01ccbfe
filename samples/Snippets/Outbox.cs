using Messaging.Patterns;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

[EventType("order-placed")]
public sealed record OrderPlaced(string OrderId, decimal Total);

[EventType("order-reminded")]
public sealed record OrderReminded(string OrderId);

public sealed class Order
{
    public required string Id { get; init; }

    public decimal Total { get; set; }
}

public abstract class Aggregate
{
    public List<object> NewEvents { get; } = [];
}

public sealed class OrdersContext(DbContextOptions<OrdersContext> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessagingPatterns();
    }
}

public sealed class OrdersContextFactory : IDesignTimeDbContextFactory<OrdersContext>
{
    public OrdersContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<OrdersContext>().UseNpgsql("Host=localhost;Database=orders");
        options.UsePostgreSqlOutbox();
        return new OrdersContext(options.Options);
    }
}

public sealed class Orders(OrdersContext context, IOutbox outbox)
{
    public static void Add(IServiceCollection services, string connectionString)
    {
        services.AddDbContext<OrdersContext>(options => options.UseNpgsql(connectionString));
        services.AddMessagingPatterns()
            .AddEventType<OrderPlaced>()
            .AddRoute<OrderPlaced>("orders", placed => placed.OrderId)
            .AddPostgreSqlOutbox<OrdersContext>();
    }

    public static void AddRelay(IServiceCollection services)
    {
        services.AddKafka(kafka => kafka.BootstrapServers = "localhost:9092")
            .AddPostgreSqlOutboxRelay<OrdersContext>();
    }

    public static void AddExactlyOnce(IServiceCollection services)
    {
        services.AddKafka(kafka => kafka.BootstrapServers = "localhost:9092")
            .AddPostgreSqlOutboxRelay<OrdersContext>(relay => relay.UseTransactions = true);
    }

    public static async Task ReplayAsync(IOutboxRelay<OrdersContext> relay, CancellationToken cancellationToken)
    {
        foreach (var parked in await relay.GetParkedAsync(100, cancellationToken))
        {
            await relay.ReplayAsync(parked.Key, cancellationToken);
        }
    }

    public static void AddCollecting(IMessagingPatternsBuilder builder)
    {
        builder.AddPostgreSqlOutbox<OrdersContext>(outbox => outbox.CollectEvents<Aggregate>(one => one.NewEvents, one => one.NewEvents.Clear()));
    }

    public static void MapElsewhere(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessagingPatterns(tables => (tables.Schema, tables.Outbox) = ("messaging", "outbox"));
    }

    public static void MapSent(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessagingPatterns(tables => tables.SentOutbox = "messaging_outbox_sent");
    }

    public async Task PlaceAsync(Order order, CancellationToken cancellationToken)
    {
        context.Orders.Add(order);
        context.AddOutboxEvent(new OrderPlaced(order.Id, order.Total));
        await context.SaveChangesAsync(cancellationToken);
    }

    public async Task PlaceWithoutContextAsync(Order order, CancellationToken cancellationToken)
    {
        outbox.Add(new OrderPlaced(order.Id, order.Total));
        await context.SaveChangesAsync(cancellationToken);
    }

    public void Remind(Order order, DateTimeOffset tomorrow)
    {
        context.AddOutboxEvent(new OrderReminded(order.Id), new OutboxEventOptions { NotBefore = tomorrow });
    }

    public async Task ForgetAsync(Order order, CancellationToken cancellationToken)
    {
        context.Orders.Remove(order);
        context.AddOutboxTombstone<OrderPlaced>(order.Id);
        await context.SaveChangesAsync(cancellationToken);
    }

    public void PlaceWithId(Order order, string requestId)
    {
        context.AddOutboxEvent(new EventData(new OrderPlaced(order.Id, order.Total)) { Id = requestId });
    }

    public IOutbox Outbox(IServiceProvider services) => services.GetRequiredService<IOutbox<OrdersContext>>();
}
