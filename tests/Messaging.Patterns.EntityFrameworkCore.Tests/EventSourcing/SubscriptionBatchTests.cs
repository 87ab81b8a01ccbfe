using System.Collections.Concurrent;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;

/// <summary>Subscriptions that handle several events in one transaction, on every database that is supported.</summary>
public abstract class SubscriptionBatchTests
{
    private static readonly StreamId Stream = new("account", "42");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backlog_is_handled_in_full_batches_that_others_divide_and_nobodys_events_do_not()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database, extend: messaging => messaging.AddEventType<Renamed>());
        await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(7), cancellationToken: Cancellation);
        await app.Store.AppendAsync(Stream, ExpectedVersion.Any, [new(new Opened("Ada"))], cancellationToken: Cancellation);
        await app.Store.AppendAsync(Stream, ExpectedVersion.Any, [.. Charges(2), new(new Renamed("Bob")), .. Charges(5)], cancellationToken: Cancellation);
        var script = new Script();

        // The last batch is one less than full, and waits until another comes.
        using var host = await StartAsync(database, script, options => (options.BatchSize, options.BatchTimeout) = (4, TimeSpan.FromHours(1)));
        await UntilAsync(() => script.Handled.Count == 13);
        await app.Store.AppendAsync(Stream, ExpectedVersion.Any, Charges(3), cancellationToken: Cancellation);
        await UntilAsync(async () => await TotalAsync(app) == 17);
        await host.StopAsync(Cancellation);

        Assert.Equal(["1,2,3,4", "5,6,7,9", "10", "renamed 11", "12,13,14,15", "16,17,18,19"], script.Batches);
    }

    [Fact]
    public async Task A_batch_that_is_not_full_is_handled_when_its_time_is_over()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        var script = new Script();
        using var host = await StartAsync(database, script, options => (options.BatchSize, options.BatchTimeout) = (1_000, TimeSpan.FromMilliseconds(20)));

        await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(3), cancellationToken: Cancellation);
        await UntilAsync(() => script.Handled.Count == 3);
        await app.Store.AppendAsync(Stream, ExpectedVersion.Any, Charges(3), cancellationToken: Cancellation);
        await UntilAsync(async () => await TotalAsync(app) == 6);
        await host.StopAsync(Cancellation);

        Assert.Equal(["1,2,3", "4,5,6"], script.Batches);
    }

    [Fact]
    public async Task An_event_that_fails_is_found_and_takes_nothing_with_it_that_is_before_it()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(10), cancellationToken: Cancellation);
        var isBroken = true;
        var script = new Script { Failing = context => isBroken && context.Version == 4 };

        using (var first = await StartAsync(database, script, options => options.BatchSize = 10))
        {
            await UntilAsync(() => script.Attempts.Count(attempt => attempt.Version == 4) >= 4);
            Assert.Equal(3, await TotalAsync(app));
            Assert.Equal("1,2,3,4,5,6,7,8,9,10", script.Batches.First());
            Assert.Equal([1, 2, 3, 4], script.Attempts.Where(attempt => attempt.Version == 4).Take(4).Select(attempt => attempt.Attempt));
            await first.StopAsync(Cancellation);
        }

        // A host that begins in the middle of an append begins behind what was handled.
        isBroken = false;
        script.Batches.Clear();

        using (var second = await StartAsync(database, script, options => options.BatchSize = 10))
        {
            await UntilAsync(async () => await TotalAsync(app) == 10);
            await second.StopAsync(Cancellation);
        }

        Assert.Equal(["4,5,6,7,8,9,10"], script.Batches);
    }

    [Fact]
    public async Task Every_event_takes_effect_once_although_batches_fail_and_hosts_come_and_go()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        var random = new Random(7);
        var script = new Script { Failing = _ => random.Next(40) == 0 };

        for (var round = 0; round < 5; round++)
        {
            for (var append = 0; append < 10; append++)
            {
                await app.Store.AppendAsync(Stream, ExpectedVersion.Any, Charges(3), cancellationToken: Cancellation);
            }

            using var host = await StartAsync(database, script, options => (options.BatchSize, options.BatchTimeout) = (7, TimeSpan.Zero));
            await UntilAsync(async () => await TotalAsync(app) >= (30 * round) + 15);
            await host.StopAsync(Cancellation);
        }

        using var last = await StartAsync(database, script, options => options.BatchSize = 50);
        await UntilAsync(async () => await TotalAsync(app) >= 150);
        await last.StopAsync(Cancellation);
        Assert.Equal(150, await TotalAsync(app));
        Assert.Equal(Enumerable.Range(1, 150).Select(version => (long)version), script.Handled.Distinct());
    }

    protected abstract Task<OutboxDatabase> CreateDatabaseAsync();

    private static async Task<IHost> StartAsync(OutboxDatabase database, Script script, Action<EventStoreSubscriptionOptions> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var messaging = builder.Services.AddMessagingPatterns().AddContractEvents().AddEventType<Renamed>();
        EventStoreApp.AddStore(messaging, database, options => options.PollInterval = TimeSpan.FromMilliseconds(5));
        builder.Services.AddDbContext<EventsContext>(options => database.Use(options));
        builder.Services.AddSingleton(script);
        messaging.AddEventStoreSubscription<EventsContext>("totals", subscription => subscription
            .HandleBatch<Charged, Totals>()
            .Handle<Renamed, Names>()
            .Configure(options => options.RetryDelay = TimeSpan.FromMilliseconds(5))
            .Configure(configure));
        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;
    }

    private static EventData[] Charges(int count) => [.. Enumerable.Repeat(new EventData(new Charged(1)), count)];

    private static async Task<int> TotalAsync(EventStoreApp app)
    {
        var total = 0;
        await app.InScopeAsync(async context => total = await context.Notes.Select(note => note.Count).SingleOrDefaultAsync(Cancellation));
        return total;
    }

    private static Task UntilAsync(Func<bool> isThere) => UntilAsync(() => Task.FromResult(isThere()));

    private static async Task UntilAsync(Func<Task<bool>> isThereAsync)
    {
        while (!await isThereAsync())
        {
            await Task.Delay(5, Cancellation);
        }
    }

    /// <summary>What handlers do, and did.</summary>
    public sealed class Script
    {
        public ConcurrentQueue<string> Batches { get; } = [];

        public ConcurrentQueue<long> Handled { get; } = [];

        public ConcurrentQueue<(long Version, int Attempt)> Attempts { get; } = [];

        public Func<EventContext, bool> Failing { get; init; } = _ => false;
    }

    /// <summary>A read model: one row, in which every event counts once. It fails after it has saved.</summary>
    public sealed class Totals(EventsContext model, Script script) : IEventBatchHandler<Charged>
    {
        public async ValueTask HandleAsync(IReadOnlyList<EventEnvelope<Charged>> events, CancellationToken cancellationToken = default)
        {
            script.Batches.Enqueue(string.Join(',', events.Select(one => one.Context.Version)));
            var note = await model.Notes.SingleOrDefaultAsync(cancellationToken) ?? model.Notes.Add(new Note { Id = "total" }).Entity;

            foreach (var (charged, context) in events)
            {
                note.Count += charged.Amount;
                script.Attempts.Enqueue((context.Version, context.Attempt));

                if (script.Failing(context))
                {
                    await model.SaveChangesAsync(cancellationToken);
                    throw new InvalidOperationException("not yet");
                }
            }

            await model.SaveChangesAsync(cancellationToken);

            foreach (var one in events)
            {
                script.Handled.Enqueue(one.Context.Version);
            }
        }
    }

    [EventType("renamed")]
    public sealed record Renamed(string Name);

    public sealed class Names(Script script) : IEventHandler<Renamed>
    {
        public ValueTask HandleAsync(Renamed @event, EventContext context, CancellationToken cancellationToken = default)
        {
            script.Batches.Enqueue($"renamed {context.Version}");
            return ValueTask.CompletedTask;
        }
    }
}

public sealed class SqliteSubscriptionBatchTests : SubscriptionBatchTests
{
    protected override Task<OutboxDatabase> CreateDatabaseAsync() => Task.FromResult<OutboxDatabase>(new SqliteOutboxDatabase());
}

public sealed class PostgreSqlSubscriptionBatchTests(PostgreSqlFixture postgreSql) : SubscriptionBatchTests
{
    protected override async Task<OutboxDatabase> CreateDatabaseAsync() => new PostgreSqlOutboxDatabase(await postgreSql.CreateDatabaseAsync());
}
