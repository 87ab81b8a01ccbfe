using System.Collections.Concurrent;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;

/// <summary>The services of an application with an event store.</summary>
internal sealed class EventStoreApp : IAsyncDisposable, ILoggerProvider, ILogger
{
    private readonly ServiceProvider _services;

    private EventStoreApp(OutboxDatabase database, Action<DbContextOptionsBuilder> use, Action<EventStoreOptions>? configure, Action<IMessagingPatternsBuilder>? extend)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(this));
        var messaging = services.AddMessagingPatterns().AddContractEvents();
        AddStore(messaging, database, configure);
        extend?.Invoke(messaging);

        // Unless it comes from a pool.
        if (services.All(service => service.ServiceType != typeof(EventsContext)))
        {
            services.AddDbContext<EventsContext>(use);
        }

        _services = services.BuildServiceProvider(validateScopes: true);
    }

    public IServiceProvider Services => _services;

    public IEventStore Store => _services.GetRequiredService<IEventStore>();

    public IEventFeed Feed => _services.GetRequiredService<IEventFeed>();

    /// <summary>Gets the lines of the log at warning and above, and the id of each.</summary>
    public ConcurrentQueue<(int Id, string Text)> Logged { get; } = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<EventStoreApp> CreateAsync(
        OutboxDatabase database, Action<DbContextOptionsBuilder>? use = null, Action<EventStoreOptions>? configure = null, Action<IMessagingPatternsBuilder>? extend = null)
    {
        var app = new EventStoreApp(database, use ?? (options => database.Use(options)), configure, extend);
        await app.InScopeAsync(context => context.Database.EnsureCreatedAsync(Cancellation));
        return app;
    }

    public static void AddStore(IMessagingPatternsBuilder builder, OutboxDatabase database, Action<EventStoreOptions>? configure = null)
    {
        if (database is PostgreSqlOutboxDatabase)
        {
            builder.AddPostgreSqlEventStore<EventsContext>(Patient + configure);
        }
        else if (database is SqlServer.SqlServerDatabase)
        {
            builder.AddSqlServerEventStore<EventsContext>(configure);
        }
        else
        {
            builder.AddEventStore<EventsContext>(Patient + configure);
        }
    }

    // A machine that does many things at once may take longer than the default for an append of a thousand events with handlers.
    private static void Patient(EventStoreOptions options) => (options.AppendTimeout, options.ReadTimeout) = (TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10));

    public async Task InScopeAsync(Func<EventsContext, Task> action)
    {
        await using var scope = _services.CreateAsyncScope();
        await action(scope.ServiceProvider.GetRequiredService<EventsContext>());
    }

    public async Task<int> CountNotesAsync()
    {
        var count = 0;
        await InScopeAsync(async context => count = await context.Notes.CountAsync(Cancellation));
        return count;
    }

    public ValueTask<List<RecordedEvent>> ReadAsync(StreamId stream) => Store.ReadStreamAsync(stream, cancellationToken: Cancellation).ToListAsync(Cancellation);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    public void Dispose()
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id is >= 2200 and < 2300)
        {
            Logged.Enqueue((eventId.Id, formatter(state, exception)));
        }
    }
}
