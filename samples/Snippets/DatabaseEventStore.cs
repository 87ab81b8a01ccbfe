using Messaging.Patterns;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

public sealed class BankContext(DbContextOptions<BankContext> options) : DbContext(options)
{
    public DbSet<Sale> Sales => Set<Sale>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddEventStore();
}

public sealed class Sale
{
    public required string Id { get; init; }

    public required decimal Total { get; init; }
}

public sealed class Revenue(BankContext bank) : IEventHandler<OrderPlaced>
{
    public ValueTask HandleAsync(OrderPlaced @event, EventContext context, CancellationToken cancellationToken = default)
    {
        bank.Sales.Add(new Sale { Id = @event.OrderId, Total = @event.Total });
        return ValueTask.CompletedTask;
    }
}

public static class DatabaseEventStore
{
    public static void Add(IServiceCollection services, string connectionString)
    {
        services.AddDbContext<BankContext>(options => options.UseNpgsql(connectionString));
        services.AddMessagingPatterns()
            .AddEventType<OrderPlaced>()
            .AddPostgreSqlEventStore<BankContext>();
    }

    public static void AddSubscription(IMessagingPatternsBuilder builder)
    {
        builder.AddEventStoreSubscription<BankContext>("revenue", subscription => subscription.Handle<OrderPlaced, Revenue>());
    }

    public static async Task AppendAsync(IEventStore store, CancellationToken cancellationToken)
    {
        await store.AppendAsync(new StreamId("order", "42"), ExpectedVersion.NoStream, [new(new OrderPlaced("42", 12))], cancellationToken: cancellationToken);
    }

    public static async Task AppendWithEntitiesAsync(BankContext context, CancellationToken cancellationToken)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        await context.EventStore().AppendAsync(new StreamId("order", "42"), ExpectedVersion.NoStream, [new(new OrderPlaced("42", 12))], cancellationToken: cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public static async Task FollowAsync(IEventFeed feed, Position position, CancellationToken cancellationToken)
    {
        await foreach (var recorded in feed.ReadAllAsync(position, new() { Follow = true }, cancellationToken))
        {
            Console.WriteLine($"{recorded.Stream} {recorded.Version}: {recorded.Payload}");
            position = position.Merge(recorded.Position);
        }
    }
}
