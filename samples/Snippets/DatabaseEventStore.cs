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

public sealed class RevenueBatches(BankContext bank) : IEventBatchHandler<OrderPlaced>
{
    public ValueTask HandleAsync(IReadOnlyList<EventEnvelope<OrderPlaced>> events, CancellationToken cancellationToken = default)
    {
        bank.Sales.AddRange(events.Select(one => new Sale { Id = one.Event.OrderId, Total = one.Event.Total }));
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

    public static void AddOnSqlServer(IServiceCollection services)
    {
#pragma warning disable MPSQL001 // We have run the suites of the library against our server.
        services.AddMessagingPatterns()
            .AddEventType<OrderPlaced>()
            .AddSqlServerEventStore<BankContext>();
#pragma warning restore MPSQL001
    }

    public static void AddSubscription(IMessagingPatternsBuilder builder)
    {
        builder.AddEventStoreSubscription<BankContext>("revenue", subscription => subscription.Handle<OrderPlaced, Revenue>());
    }

    public static void AddBatches(IMessagingPatternsBuilder builder)
    {
        builder.AddEventStoreSubscription<BankContext>("revenue", subscription => subscription
            .HandleBatch<OrderPlaced, RevenueBatches>()
            .Configure(options => (options.BatchSize, options.BatchTimeout) = (500, TimeSpan.FromMilliseconds(50))));
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

    public static void AddBoth(IServiceCollection services, string connectionString)
    {
        services.AddDbContext<BankContext>(options => options.UseNpgsql(connectionString));
        services.AddKafkaEventSourcing(kafka => kafka.BootstrapServers = "localhost:9092")
            .AddStreams("order", topic: "orders")
            .AddPostgreSqlEventStore<BankContext>();
    }

    public static async Task MoveToKafkaAsync(IServiceProvider services, BankContext bank, CancellationToken cancellationToken)
    {
        var source = services.GetRequiredKeyedService<IEventFeed>(typeof(BankContext));
        var kafka = services.GetRequiredService<IEventStore>();
        var progress = new Progress<EventCopyProgress>(told => Console.WriteLine($"{told.Events} events, {told.EventsPerSecond:n0}/s, up to {told.Position} {told.LastFailure?.Message}"));

        // While the service appends to the database: as often as you like, the last time shortly before the switch.
        var copied = await source.CopyToAsync(kafka, new() { Progress = progress }, cancellationToken);

        // The switch: from here on the database refuses events, and what is left takes as long as there is of it.
        await bank.SealEventStoreAsync(cancellationToken);
        await source.CopyToAsync(kafka, new() { After = copied.Position, Progress = progress }, cancellationToken);

        // Every event with all that it has, stream by stream.
        var comparison = await source.CompareToAsync(kafka, cancellationToken: cancellationToken);
        Console.WriteLine(comparison.IsEqual ? $"{comparison.Streams} streams are equal." : string.Join('\n', comparison.Differences));
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
