using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;

/// <summary>The services of an application with an outbox, and what is in its tables.</summary>
internal sealed class OutboxApp : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private OutboxApp(ServiceProvider services) => _services = services;

    public IServiceProvider Services => _services;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Builds the services and creates the tables.</summary>
    public static async Task<OutboxApp> CreateAsync(
        OutboxDatabase database, Action<IServiceCollection, Action<DbContextOptionsBuilder>>? addContext = null, Action<OutboxOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        database.AddOutbox<ShopContext>(AddEvents(services), configure);
        (addContext ?? ((all, use) => all.AddDbContext<ShopContext>(use)))(services, options => database.Use(options));
        var app = new OutboxApp(services.BuildServiceProvider(validateScopes: true));
        await app.InScopeAsync<ShopContext>(context => context.Database.EnsureCreatedAsync(Cancellation));
        return app;
    }

    public static IMessagingPatternsBuilder AddEvents(IServiceCollection services) => services.AddMessagingPatterns()
        .AddEventType<Counted>().AddEventType<Unroutable>().AddEventType<Unwritable>().AddEventType<Painted>()
        .AddRoute<Counted>("counts", counted => counted.Key)
        .AddRoute<Unwritable>("counts", _ => "key")
        .AddRoute<Painted>("paintings", painted => painted.Key, CloudEventMode.Binary);

    /// <summary>Does something as one request of the application does: with a context of its own.</summary>
    public async Task InScopeAsync<TService>(Func<TService, Task> action)
        where TService : notnull
    {
        await using var scope = _services.CreateAsyncScope();
        await action(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>Saves events in a context of their own.</summary>
    public Task AddAsync(params Counted[] events) => InScopeAsync<ShopContext>(context =>
    {
        Array.ForEach(events, one => context.AddOutboxEvent(one));
        return context.SaveChangesAsync(Cancellation);
    });

    /// <summary>Returns what is in the outbox, in the order of numbers.</summary>
    public Task<List<OutboxRow>> ReadAsync() => ReadAsync<OutboxRow>();

    public async Task<List<TRow>> ReadAsync<TRow>()
        where TRow : class
    {
        List<TRow> rows = [];
        await InScopeAsync<ShopContext>(async context => rows = await context.Set<TRow>().AsNoTracking().OrderBy(row => EF.Property<long>(row, "Id")).ToListAsync(Cancellation));
        return rows;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
