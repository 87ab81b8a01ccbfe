using System.Collections.Concurrent;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EntityFrameworkCore.Inbox;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Inbox;

/// <summary>What an inbox promises, on every database that is supported.</summary>
public abstract class InboxTests
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_that_comes_again_is_not_handled_again()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(database);

        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1));
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1));
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 7));

        Assert.Equal((1, 1), await app.ReadAsync("a"));
    }

    [Fact]
    public async Task Source_id_and_group_tell_events_apart()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(database);

        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1));
        await app.DeliverAsync(new Counted("a", 1), Context("2", offset: 2));
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 3) with { Source = "/other" });
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1) with { Group = "other" });

        Assert.Equal((4, 4), await app.ReadAsync("a"));
    }

    [Fact]
    public async Task A_handler_that_fails_leaves_nothing_and_is_called_again()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(database);
        app.Failures.Enqueue(new InvalidOperationException("no"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1)).AsTask());
        Assert.Equal((0, 0), await app.ReadAsync("a"));
        Assert.Equal(0, await app.CountAsync());

        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1));
        Assert.Equal((1, 1), await app.ReadAsync("a"));
    }

    [Fact]
    public async Task All_handlers_of_an_event_share_its_transaction()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(database, handlers => handlers.Add<Counted, Refuser>());

        await Assert.ThrowsAsync<InvalidOperationException>(() => app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1)).AsTask());

        Assert.Equal((0, 0), await app.ReadAsync("a"));
    }

    [Fact]
    public async Task A_batch_is_handled_without_what_was_handled_before()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(database, handlers => handlers.AddBatch<Counted, Counter>());
        await app.DeliverAsync(new Counted("a", 1), Context("2", offset: 2));

        // Also an event that is in the batch twice, and more than one statement takes.
        await app.DeliverAsync([.. Enumerable.Range(1, 2500).Append(2500).Select(number => (new Counted("a", number), Context($"{number}", offset: number)))]);

        Assert.Equal((2500, 2500), await app.ReadAsync("a"));
        Assert.Equal(Enumerable.Range(1, 2500).Where(number => number != 2), app.Handled.Skip(1));
    }

    [Fact]
    public async Task Deliveries_at_the_same_time_take_effect_once()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(database, handlers => handlers.AddBatch<Counted, Counter>());

        // Each in another order, so that they would wait for each other if they locked as they came.
        await Task.WhenAll(Enumerable.Range(0, 6).Select(member =>
        {
            var random = new Random(member);
            return app.DeliverAsync([.. Enumerable.Range(1, 40).OrderBy(_ => random.Next()).Select(number => (new Counted($"key {number}", 1), Context($"{number}", offset: number)))]).AsTask();
        }));

        Assert.Equal(40, await app.CountAsync());
        Assert.Equal(40, (await app.ReadOutboxAsync()).Count);
    }

    [Fact]
    public async Task After_a_rewind_events_are_handled_again_once()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(database);
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1));

        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1) with { Epoch = 5 });
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1) with { Epoch = 5 });
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1) with { Epoch = 9 });

        // What a paused member still has in hand from before the rewind.
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1));

        Assert.Equal((3, 3), await app.ReadAsync("a"));
    }

    [Fact]
    public async Task After_a_rewind_a_copy_further_on_is_still_a_duplicate()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(database);
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1));

        // Rewound to an offset between the event and its copy.
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 7) with { Epoch = 5 });

        Assert.Equal((1, 1), await app.ReadAsync("a"));
    }

    [Fact]
    public async Task Events_older_than_the_window_are_forgotten()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(database, handlers => handlers.AddBatch<Counted, Counter>());
        await app.DeliverAsync([.. Enumerable.Range(1, 2100).Select(number => (new Counted("a", 1), Context($"{number}", offset: number)))]);
        app.Clock.Advance(TimeSpan.FromDays(7));
        await app.DeliverAsync([(new Counted("a", 1), Context("new", offset: 3000))]);

        Assert.Equal(0, await app.CleanUpAsync());
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2100, await app.CleanUpAsync());

        Assert.Equal(1, await app.CountAsync());
    }

    [Fact]
    public void A_function_is_refused_since_it_is_outside_the_transaction()
    {
        var handlers = new EventHandlers();
        handlers.HandleWithin(new InboxTransaction<ShopContext>((context, time) => new InboxTable(context, time)));
        handlers.Add<Counted>((_, _, _) => ValueTask.CompletedTask);

        Assert.Equal(
            "a function as handler gets no services, so what it does is not in the group's transaction. Make it a class.",
            Assert.Single(handlers.FindFaults(new EventCodec(new EventTypeOptions { Types = { typeof(Counted) } }))));
    }

    [Fact]
    public async Task What_a_rewind_left_behind_is_refused_after_it()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(database);
        await app.Positions.RewindAsync("group", "counts", 3, new StoredPosition(0, 0), Cancellation);
        await app.Positions.RewindAsync("group", "counts", 3, new StoredPosition(1, 5), Cancellation);

        var refused = await Assert.ThrowsAsync<PartitionRewoundException>(() => app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1)).AsTask());

        Assert.Equal((0, 5), (refused.Epoch, refused.Stored));
        Assert.Equal(((0, 0), 0), (await app.ReadAsync("a"), await app.CountAsync()));
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1) with { Epoch = 5 });
        Assert.Equal((1, 1), await app.ReadAsync("a"));
    }

    [Fact]
    public async Task A_position_moves_forward_in_its_epoch_and_anywhere_by_a_newer_one()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(database);
        var positions = app.Positions;
        Assert.Null(await positions.ReadAsync("group", "counts", 3, Cancellation));

        Assert.Equal(new(-1, 4), await positions.RewindAsync("group", "counts", 3, new StoredPosition(-1, 4), Cancellation));
        Assert.Equal(new(-1, 4), await positions.RewindAsync("group", "counts", 3, new StoredPosition(9, 4), Cancellation));
        await positions.FollowAsync("group", "counts", 3, new StoredPosition(20, 4), Cancellation);
        await positions.FollowAsync("group", "counts", 3, new StoredPosition(10, 4), Cancellation);
        await positions.FollowAsync("group", "counts", 3, new StoredPosition(30, 3), Cancellation);
        await positions.FollowAsync("group", "counts", 3, new StoredPosition(30, 5), Cancellation);
        Assert.Equal(new(20, 4), await positions.ReadAsync("group", "counts", 3, Cancellation));

        Assert.Equal(new(7, 6), await positions.RewindAsync("group", "counts", 3, new StoredPosition(7, 6), Cancellation));
        Assert.Equal(new(7, 6), await positions.RewindAsync("group", "counts", 3, new StoredPosition(1, 5), Cancellation));
        await positions.FollowAsync("group", "other", 3, new StoredPosition(2, 0), Cancellation);
        Assert.Equal(new(2, 0), await positions.ReadAsync("group", "other", 3, Cancellation));
    }

    [Fact]
    public async Task What_may_come_again_is_remembered_beyond_the_window()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(database, handlers => handlers.AddBatch<Counted, Counter>());
        await app.Positions.RewindAsync("group", "counts", 3, new StoredPosition(0, 0), Cancellation);
        await app.DeliverAsync([.. Enumerable.Range(1, 2100).Select(number => (new Counted("a", 1), Context($"{number}", offset: number)))]);
        app.Clock.Advance(TimeSpan.FromDays(30));

        Assert.Equal(0, await app.CleanUpAsync());
        await app.Positions.FollowAsync("group", "counts", 3, new StoredPosition(1501, 0), Cancellation);
        Assert.Equal(1500, await app.CleanUpAsync());

        await app.DeliverAsync([(new Counted("a", 1), Context("1501", offset: 1501))]);
        Assert.Equal((2100, 2100), await app.ReadAsync("a"));
    }

    private protected abstract Task<OutboxDatabase> CreateDatabaseAsync();

    internal static EventContext Context(string id, long offset) => new()
    {
        Group = "group",
        Source = "/shop",
        EventId = id,
        EventType = "counted",
        Time = DateTimeOffset.UnixEpoch,
        Topic = "counts",
        Partition = 3,
        Offset = offset,
    };
}

/// <summary>Changes an entity and adds an event, once for each event that it is handed.</summary>
internal sealed class Counter(ShopContext context, InboxApp app) : IEventHandler<Counted>, IEventBatchHandler<Counted>
{
    public async ValueTask HandleAsync(Counted @event, EventContext eventContext, CancellationToken cancellationToken = default)
    {
        var account = await context.Accounts.FindAsync([@event.Key], cancellationToken) ?? context.Accounts.Add(new Account { Id = @event.Key }).Entity;
        account.Count++;
        context.AddOutboxEvent(@event);
        app.Handled.Enqueue(@event.Count);
        await app.HoldAsync(eventContext);

        if (app.Failures.TryDequeue(out var failure))
        {
            await context.SaveChangesAsync(cancellationToken);
            throw failure;
        }
    }

    public async ValueTask HandleAsync(IReadOnlyList<EventEnvelope<Counted>> events, CancellationToken cancellationToken = default)
    {
        foreach (var (one, eventContext) in events)
        {
            await HandleAsync(one, eventContext, cancellationToken);
        }
    }
}

internal sealed class Refuser : IEventHandler<Counted>
{
    public ValueTask HandleAsync(Counted @event, EventContext context, CancellationToken cancellationToken = default) => throw new InvalidOperationException("no");
}

/// <summary>A consumer group with an inbox, without a broker.</summary>
internal sealed class InboxApp : IAsyncDisposable, IConsumerGroupBuilder
{
    private readonly EventHandlers _handlers = new();
    private EventDispatcher _dispatcher = null!;
    private ServiceProvider _services = null!;

    public ManualTime Clock { get; } = new();

    public ConcurrentQueue<Exception> Failures { get; } = new();

    public ConcurrentQueue<int> Handled { get; } = new();

    /// <summary>Gets or sets what a handler waits for before it ends.</summary>
    public Func<EventContext, Task> HoldAsync { get; set; } = _ => Task.CompletedTask;

    public string Name => "group";

    public ProcessingOrder Order { get; private set; }

    public IFollowingPositionStore Positions => (IFollowingPositionStore)_services.GetRequiredService<IPositionStore>();

    public IServiceCollection Services { get; } = new ServiceCollection();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<InboxApp> CreateAsync(OutboxDatabase database, Action<EventHandlers>? addHandlers = null, bool byPosition = false)
    {
        var app = new InboxApp();
        app.Services.AddLogging().AddSingleton<TimeProvider>(app.Clock).AddSingleton(app).AddScoped<Counter>().AddScoped<Refuser>();
        database.AddOutbox<ShopContext>(OutboxApp.AddEvents(app.Services));
        app.Services.AddDbContext<ShopContext>(options => database.Use(options));

        if (addHandlers is null || !IsBatch(addHandlers))
        {
            app._handlers.Add<Counted, Counter>();
        }

        addHandlers?.Invoke(app._handlers);
        _ = byPosition ? app.WithInboxPosition<ShopContext>() : app.WithInbox<ShopContext>();
        app._services = app.Services.BuildServiceProvider();
        app._dispatcher = new EventDispatcher(app._handlers, app._services.GetRequiredService<EventCodec>(), app._services.GetRequiredService<IServiceScopeFactory>());
        await app.InScopeAsync(context => context.Database.EnsureCreatedAsync(Cancellation));
        return app;
    }

    public void ConfigureHandlers(Action<EventHandlers> configure) => configure(_handlers);

    public void Ordered(ProcessingOrder order) => Order = order;

    public void KeepPositionIn(Func<IServiceProvider, IPositionStore> create) => Services.AddSingleton(create);

    public ValueTask DeliverAsync(Counted counted, EventContext context) => _dispatcher.DispatchAsync(Raw(counted), context, Cancellation);

    public ValueTask DeliverAsync(IReadOnlyList<(Counted Counted, EventContext Context)> events) =>
        _dispatcher.DispatchBatchAsync([.. events.Select(one => new EventEnvelope<object>(Raw(one.Counted), one.Context))], Cancellation);

    /// <summary>Returns how often an entity was counted up, and how many events there are of it.</summary>
    public async Task<(int Count, int Events)> ReadAsync(string id)
    {
        var found = (0, 0);
        await InScopeAsync(async context => found = (
            (await context.Accounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == id, Cancellation))?.Count ?? 0,
            await context.Set<OutboxRow>().CountAsync(row => row.Key == id, Cancellation)));
        return found;
    }

    public async Task<List<OutboxRow>> ReadOutboxAsync()
    {
        List<OutboxRow> rows = [];
        await InScopeAsync(async context => rows = await context.Set<OutboxRow>().ToListAsync(Cancellation));
        return rows;
    }

    /// <summary>Returns how many events are remembered.</summary>
    public async Task<int> CountAsync()
    {
        var count = 0;
        await InScopeAsync(async context => count = await context.Set<InboxRow>().CountAsync(Cancellation));
        return count;
    }

    public Task<int> CleanUpAsync() => _services.GetRequiredService<InboxCleaner<ShopContext>>().CleanUpAsync(Cancellation);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private static bool IsBatch(Action<EventHandlers> addHandlers)
    {
        var probe = new EventHandlers();
        addHandlers(probe);
        return probe.TakesBatches;
    }

    private RawEvent Raw(Counted counted)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        _services.GetRequiredService<EventCodec>().Encode(counted, output);
        return new RawEvent("counted", output.WrittenMemory);
    }

    private async Task InScopeAsync(Func<ShopContext, Task> action)
    {
        await using var scope = _services.CreateAsyncScope();
        await action(scope.ServiceProvider.GetRequiredService<ShopContext>());
    }
}

internal sealed class ManualTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;
}

public sealed class SqliteInboxTests : InboxTests
{
    private protected override Task<OutboxDatabase> CreateDatabaseAsync() => Task.FromResult<OutboxDatabase>(new SqliteOutboxDatabase());
}

public sealed class PostgreSqlInboxTests(PostgreSqlFixture postgreSql) : InboxTests
{
    [Fact]
    public async Task A_commit_whose_answer_was_lost_takes_effect_once()
    {
        await using var database = (PostgreSqlOutboxDatabase)await CreateDatabaseAsync();
        var lost = new LostCommit();
        await using var app = await InboxApp.CreateAsync(new InterceptedDatabase(database, lost));
        lost.IsArmed = true;

        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1));

        Assert.False(lost.IsArmed);
        Assert.Single(app.Handled);
        Assert.Equal((1, 1), await app.ReadAsync("a"));
    }

    [Fact]
    public async Task A_handler_that_is_held_open_over_a_rewind_leaves_nothing_and_the_replay_is_exact()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(database);
        await app.Positions.RewindAsync("group", "counts", 3, new StoredPosition(0, 0), Cancellation);
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1));
        var held = new HeldHandler(app);
        var stale = app.DeliverAsync(new Counted("a", 2), Context("2", offset: 2)).AsTask();
        await held.IsHeldAsync();

        // Nobody waits for the handler but whoever handles its event.
        await app.Positions.RewindAsync("group", "counts", 3, new StoredPosition(1, 5), Cancellation);
        var replay = Task.WhenAll(Enumerable.Range(1, 2).Select(number => app.DeliverAsync(new Counted($"again {number}", number), Context($"{number}", offset: number) with { Epoch = 5 }).AsTask()));
        held.Release();

        await Assert.ThrowsAsync<PartitionRewoundException>(() => stale);
        await replay;
        Assert.Equal(((1, 1), (1, 1), (1, 1)), (await app.ReadAsync("a"), await app.ReadAsync("again 1"), await app.ReadAsync("again 2")));
        Assert.Equal(2, await app.CountAsync());
    }

    [Fact]
    public async Task A_rewind_waits_for_a_commit_that_has_begun()
    {
        await using var database = (PostgreSqlOutboxDatabase)await CreateDatabaseAsync();
        var slow = new SlowCommit();
        await using var app = await InboxApp.CreateAsync(new InterceptedDatabase(database, slow));
        await app.Positions.RewindAsync("group", "counts", 3, new StoredPosition(0, 0), Cancellation);
        slow.IsArmed = true;
        var delivery = app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1)).AsTask();
        await slow.HasBegunAsync();
        await app.Positions.FollowAsync("group", "counts", 3, new StoredPosition(1, 0), Cancellation);

        var rewind = app.Positions.RewindAsync("group", "counts", 3, new StoredPosition(0, 5), Cancellation).AsTask();

        while (!await PostgreSqlLocks.IsOneWaitedForAsync(database.ConnectionString))
        {
            Assert.False(rewind.IsCompleted);
        }

        slow.Release();
        await Task.WhenAll(delivery, rewind);

        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1) with { Epoch = 5 });
        Assert.Equal((2, 2), await app.ReadAsync("a"));
    }

    private protected override async Task<OutboxDatabase> CreateDatabaseAsync() => new PostgreSqlOutboxDatabase(await postgreSql.CreateDatabaseAsync());

    /// <summary>Commits, and then fails as if the connection had broken before the answer came.</summary>
    private sealed class LostCommit : Microsoft.EntityFrameworkCore.Diagnostics.DbTransactionInterceptor
    {
        public bool IsArmed { get; set; }

        public override Task TransactionCommittedAsync(
            System.Data.Common.DbTransaction transaction, Microsoft.EntityFrameworkCore.Diagnostics.TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            if (IsArmed)
            {
                IsArmed = false;
                throw new Npgsql.NpgsqlException("The answer is lost.", new IOException());
            }

            return Task.CompletedTask;
        }
    }
}
