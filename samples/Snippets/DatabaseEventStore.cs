using Messaging.Patterns;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

public sealed class BankContext(DbContextOptions<BankContext> options) : DbContext(options)
{
    public DbSet<Sale> Sales => Set<Sale>();

    public DbSet<Balance> Balances => Set<Balance>();

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

public sealed class Balance
{
    public required string Id { get; init; }

    public long Version { get; set; }

    public decimal Amount { get; set; }
}

public sealed class Balances(BankContext bank) : IEventHandler<AccountCharged>, IEventHandler<RawEvent>
{
    public ValueTask HandleAsync(AccountCharged @event, EventContext context, CancellationToken cancellationToken = default) => AddAsync(context, @event.Amount, cancellationToken);

    public ValueTask HandleAsync(RawEvent @event, EventContext context, CancellationToken cancellationToken = default) => AddAsync(context, 0, cancellationToken);

    private async ValueTask AddAsync(EventContext context, decimal amount, CancellationToken cancellationToken)
    {
        var id = context.Stream!.ToString();
        var balance = await bank.Balances.FindAsync([id], cancellationToken);

        if (context.Version == (balance?.Version ?? 0) + 1)
        {
            balance ??= bank.Balances.Add(new Balance { Id = id }).Entity;
            (balance.Version, balance.Amount) = (context.Version, balance.Amount + amount);
        }
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

    public static void AddProjection(IMessagingPatternsBuilder builder)
    {
        builder.AddInlineProjection<BankContext>("revenue", projection => projection.Handle<OrderPlaced, Revenue>());
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
