using Messaging.Patterns.Consuming;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Projections;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Messaging.Patterns.EventSourcing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;

/// <summary>What projections in the transactions of appends promise, on every database that is supported.</summary>
public abstract class InlineProjectionTests
{
    private protected static readonly StreamId Stream = new("account", "42");

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_handlers_save_is_there_when_the_append_is()
    {
        await using var database = await CreateDatabaseAsync();
        var script = new SubscriptionTests.Script();
        await using var app = await CreateAppAsync(database, script);

        var first = await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(1, 2, 3), cancellationToken: Cancellation);
        Assert.Equal(6, await TotalAsync(app));
        await app.Store.AppendAsync(Stream, ExpectedVersion.Exactly(3), [new(new Opened("Ada")), .. Charges(4)], cancellationToken: Cancellation);

        Assert.Equal(10, await TotalAsync(app));
        Assert.Equal([1L, 2, 3, 5], script.Handled);
        Assert.Equal([(0, 1L), (1, 2), (2, 3)], script.Contexts.Take(3).Select(context => (context.Index, context.Version)));
        Assert.All(script.Contexts.Take(3), context => Assert.Equal(("totals", Stream, 1, first.Position), (context.Group, context.Stream, context.Attempt, context.Position)));
        Assert.Equal((await app.ReadAsync(Stream)).Where(recorded => recorded.Payload is Charged).Select(recorded => recorded.Id), script.Contexts.Select(context => context.EventId));
    }

    [Fact]
    public async Task Several_projections_handle_an_append_of_many_events_one_after_another()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await CreateAppAsync(database, new(), messaging => messaging
            .AddInlineProjection<EventsContext>("counts", projection => projection.Handle<Charged, Counts>().Handle<RawEvent, Others>()));

        await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, [.. Charges([.. Enumerable.Repeat(2, 250)]), new(new Opened("Ada"))], cancellationToken: Cancellation);

        Assert.Equal([("counts", 250), ("others", 1), ("total", 500)], await NotesAsync(app));
    }

    [Fact]
    public async Task They_commit_and_roll_back_with_the_transaction_of_the_caller_whose_own_changes_are_not_saved()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await CreateAppAsync(database, new());

        foreach (var commits in new[] { false, true })
        {
            await app.InScopeAsync(async context =>
            {
                await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
                context.Notes.Add(new Note { Id = "unsaved" });
                await context.EventStore().AppendAsync(Stream, ExpectedVersion.NoStream, Charges(1), cancellationToken: Cancellation);
                await context.EventStore().AppendAsync(Stream, ExpectedVersion.Exactly(1), Charges(2), cancellationToken: Cancellation);
                Assert.Equal(3, await context.Notes.Select(note => note.Count).SingleAsync(Cancellation));
                await (commits ? transaction.CommitAsync(Cancellation) : transaction.RollbackAsync(Cancellation));
            });

            Assert.Equal(commits ? [("total", 3)] : [], await NotesAsync(app));
            Assert.Equal(commits ? 2 : 0, (await app.ReadAsync(Stream)).Count);
        }
    }

    [Fact]
    public async Task A_handler_that_fails_is_named_and_nothing_is_appended()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await CreateAppAsync(database, new() { Failing = context => context.Version == 2 });
        await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(1), cancellationToken: Cancellation);

        var append = app.Store.AppendAsync(Stream, ExpectedVersion.Exactly(1), Charges(2, 3), cancellationToken: Cancellation);
        var thrown = await Assert.ThrowsAsync<InlineProjectionException>(() => append.AsTask());

        Assert.Equal("Inline projection 'totals' could not handle event 'contract-charged', version 2 of stream 'account-42': not yet Nothing was appended.", thrown.Message);
        Assert.Equal(("totals", Stream, 2L, "contract-charged", false), (thrown.Projection, thrown.Stream, thrown.Version, thrown.EventType, thrown.IsTransient));
        Assert.IsType<InvalidOperationException>(thrown.InnerException);
        Assert.Single(await app.ReadAsync(Stream));
        Assert.Equal(1, await TotalAsync(app));
    }

    [Fact]
    public async Task A_handler_that_fails_in_a_transaction_takes_the_append_with_it_and_nothing_else()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await CreateAppAsync(database, new() { Failing = context => context.Version == 2 });

        await app.InScopeAsync(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            await context.EventStore().AppendAsync(Stream, ExpectedVersion.NoStream, Charges(1), cancellationToken: Cancellation);
            await Assert.ThrowsAsync<InlineProjectionException>(
                () => context.EventStore().AppendAsync(Stream, ExpectedVersion.Exactly(1), Charges(2), cancellationToken: Cancellation).AsTask());
            await context.EventStore().AppendAsync(new StreamId("account", "43"), ExpectedVersion.NoStream, Charges(4), cancellationToken: Cancellation);
            await transaction.CommitAsync(Cancellation);
        });

        Assert.Single(await app.ReadAsync(Stream));
        Assert.Equal(5, await TotalAsync(app));
    }

    [Fact]
    public async Task What_breaks_the_database_statement_of_a_handler_is_told_as_its_failure()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database, extend: messaging => messaging
            .AddInlineProjection<EventsContext>("inserts", projection => projection.Handle<Charged, Inserts>()));
        await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(1), cancellationToken: Cancellation);

        await app.InScopeAsync(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            var thrown = await Assert.ThrowsAsync<InlineProjectionException>(
                () => context.EventStore().AppendAsync(Stream, ExpectedVersion.Exactly(1), Charges(1), cancellationToken: Cancellation).AsTask());
            Assert.IsType<DbUpdateException>(thrown.InnerException);
            await context.EventStore().AppendAsync(Stream, ExpectedVersion.Exactly(1), Charges(2), cancellationToken: Cancellation);
            await transaction.CommitAsync(Cancellation);
        });

        Assert.Equal([("1", 0), ("2", 0)], await NotesAsync(app));
        Assert.Equal(2, (await app.ReadAsync(Stream)).Count);
    }

    [Fact]
    public async Task An_append_that_is_repeated_or_meets_a_conflict_is_not_projected()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await CreateAppAsync(database, new());
        var options = new AppendOptions { Id = AppendId.From("request 1") };
        var first = await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(1), options, Cancellation);

        Assert.Equal(first, await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(1), options, Cancellation));
        await Assert.ThrowsAsync<StreamConflictException>(() => app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(1), cancellationToken: Cancellation).AsTask());
        await app.InScopeAsync(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            await Assert.ThrowsAsync<StreamConflictException>(
                () => context.EventStore().AppendAsync(Stream, ExpectedVersion.NoStream, Charges(1), cancellationToken: Cancellation).AsTask());
            Assert.Equal(first, await context.EventStore().AppendAsync(Stream, ExpectedVersion.NoStream, Charges(1), options, Cancellation));
            await transaction.CommitAsync(Cancellation);
        });

        Assert.Equal(1, await TotalAsync(app));
    }

    [Fact]
    public async Task Contexts_of_a_pool_go_back_to_it_as_they_were()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await CreateAppAsync(
            database, new() { Failing = context => context.Version == 3 }, messaging => messaging.Services.AddDbContextPool<EventsContext>(options => database.Use(options)));
        var original = "";
        await app.InScopeAsync(context => Task.FromResult(original = context.Database.GetConnectionString()));

        for (var append = 0; append < 4; append++)
        {
            try
            {
                await app.Store.AppendAsync(Stream, ExpectedVersion.Any, Charges(1), cancellationToken: Cancellation);
            }
            catch (InlineProjectionException)
            {
                Assert.True(append >= 2);
            }
        }

        Assert.Equal(2, await TotalAsync(app));

        // As many at once as were there before, each on its own connection.
        await app.InScopeAsync(first => app.InScopeAsync(async second =>
        {
            Assert.NotSame(first.Database.GetDbConnection(), second.Database.GetDbConnection());
            Assert.All([first, second], context => Assert.Equal((original, (object?)null), (context.Database.GetConnectionString(), context.Database.CurrentTransaction)));
            await using var transaction = await first.Database.BeginTransactionAsync(Cancellation);
            Assert.Equal(2, await second.Notes.Select(note => note.Count).SingleAsync(Cancellation));
        }));
    }

    [Fact]
    public async Task A_read_model_of_streams_is_built_by_a_subscription_while_it_is_projected()
    {
        await using var database = await CreateDatabaseAsync();
        await using var before = await EventStoreApp.CreateAsync(database);
        var streams = Enumerable.Range(1, 10).Select(number => new StreamId("account", $"{number}")).ToList();

        foreach (var stream in streams)
        {
            await before.Store.AppendAsync(stream, ExpectedVersion.NoStream, Charges(1, 1, 1), cancellationToken: Cancellation);
        }

        var builder = Host.CreateEmptyApplicationBuilder(null);
        var messaging = builder.Services.AddMessagingPatterns().AddContractEvents();
        EventStoreApp.AddStore(messaging, database, options => options.PollInterval = TimeSpan.FromMilliseconds(5));
        builder.Services.AddDbContext<EventsContext>(options => database.Use(options));
        messaging.AddInlineProjection<EventsContext>("balances", projection => projection.Handle<Charged, Balances>())
            .AddEventStoreSubscription<EventsContext>("balances-build", subscription => subscription.Handle<Charged, Balances>().Configure(options => options.RetryDelay = TimeSpan.FromMilliseconds(5)));
        using var host = builder.Build();
        await host.StartAsync(Cancellation);
        var store = host.Services.GetRequiredService<IEventStore>();

        foreach (var stream in streams.Concat(streams))
        {
            await store.AppendAsync(stream, ExpectedVersion.Any, Charges(1), cancellationToken: Cancellation);
        }

        while ((await NotesAsync(before)) is var notes && (notes.Count < streams.Count || notes.Exists(note => note.Count < 5)))
        {
            await Task.Delay(5, Cancellation);
        }

        await store.AppendAsync(streams[0], ExpectedVersion.Exactly(5), Charges(1), cancellationToken: Cancellation);
        await host.StopAsync(Cancellation);
        Assert.Equal([6, .. Enumerable.Repeat(5, 9)], (await NotesAsync(before)).Select(note => note.Count).OrderDescending());
    }

    [Fact]
    public async Task Faults_of_an_inline_projection_are_told_at_the_start()
    {
        await using var database = await CreateDatabaseAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var messaging = builder.Services.AddMessagingPatterns();
        builder.Services.AddDbContext<EventsContext>(options => database.Use(options));
        messaging.AddInlineProjection<EventsContext>("empty", _ => { });
        messaging.AddInlineProjection<EventsContext>("unknown", projection => projection.Handle<Charged, Counts>());
        using var host = builder.Build();

        Assert.Throws<ArgumentException>("name", () => messaging.AddInlineProjection<EventsContext>("empty", _ => { }));
        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(async () =>
        {
            try
            {
                await host.StartAsync(Cancellation);
            }
            catch (AggregateException exception)
            {
                throw new OptionsValidationException("", typeof(object), exception.Flatten().InnerExceptions.Cast<OptionsValidationException>().SelectMany(one => one.Failures));
            }
        });

        const string NoStore = "is of context 'EventsContext', which has no event store. Register it with AddEventStore<EventsContext>() or AddPostgreSqlEventStore<EventsContext>().";
        Assert.Contains($"inline projection 'empty' {NoStore}", thrown.Message, StringComparison.Ordinal);
        Assert.Contains($"inline projection 'unknown' {NoStore}", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("inline projection 'empty' has no handler. Add one with Handle<TEvent, THandler>().", thrown.Message, StringComparison.Ordinal);
        Assert.Contains($"inline projection 'unknown': '{typeof(Charged)}'", thrown.Message, StringComparison.Ordinal);
    }

    protected abstract Task<OutboxDatabase> CreateDatabaseAsync();

    private protected static Task<EventStoreApp> CreateAppAsync(
        OutboxDatabase database, SubscriptionTests.Script script, Action<IMessagingPatternsBuilder>? extend = null, Action<DbContextOptionsBuilder>? use = null) =>
        EventStoreApp.CreateAsync(database, use, extend: messaging =>
        {
            messaging.Services.AddSingleton(script);
            messaging.AddInlineProjection<EventsContext>("totals", projection => projection.Handle<Charged, SubscriptionTests.Totals>());
            extend?.Invoke(messaging);
        });

    private protected static EventData[] Charges(params int[] amounts) => [.. amounts.Select(amount => new EventData(new Charged(amount)))];

    private protected static async Task<int> TotalAsync(EventStoreApp app) => (await NotesAsync(app)).Single(note => note.Id == "total").Count;

    private protected static async Task<List<(string Id, int Count)>> NotesAsync(EventStoreApp app)
    {
        List<Note> notes = [];
        await app.InScopeAsync(async context => notes = await context.Notes.AsNoTracking().ToListAsync(Cancellation));
        return [.. notes.Select(note => (note.Id, note.Count)).OrderBy(note => note.Id, StringComparer.Ordinal)];
    }

    private static async ValueTask CountAsync(EventsContext model, string id, CancellationToken cancellationToken)
    {
        var note = await model.Notes.FindAsync([id], cancellationToken) ?? model.Notes.Add(new Note { Id = id }).Entity;
        note.Count++;
    }

    public sealed class Counts(EventsContext model) : IEventHandler<Charged>
    {
        public ValueTask HandleAsync(Charged @event, EventContext context, CancellationToken cancellationToken = default) => CountAsync(model, "counts", cancellationToken);
    }

    public sealed class Others(EventsContext model) : IEventHandler<RawEvent>
    {
        public ValueTask HandleAsync(RawEvent @event, EventContext context, CancellationToken cancellationToken = default) => CountAsync(model, "others", cancellationToken);
    }

    /// <summary>Fails in the database for an amount that was there before.</summary>
    public sealed class Inserts(EventsContext model) : IEventHandler<Charged>
    {
        public ValueTask HandleAsync(Charged @event, EventContext context, CancellationToken cancellationToken = default)
        {
            model.Notes.Add(new Note { Id = $"{@event.Amount}" });
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>A row for each stream, at the version that it counts: whoever comes next handles it, and nobody else.</summary>
    public sealed class Balances(EventsContext model) : IEventHandler<Charged>
    {
        public async ValueTask HandleAsync(Charged @event, EventContext context, CancellationToken cancellationToken = default)
        {
            var id = context.Stream!.ToString();
            var balance = await model.Notes.FindAsync([id], cancellationToken) ?? new Note { Id = id };

            if (balance.Count == context.Version - 1)
            {
                balance.Count++;
                model.Update(balance).State = context.Version == 1 ? EntityState.Added : EntityState.Modified;
            }
        }
    }
}

public sealed class SqliteInlineProjectionTests : InlineProjectionTests
{
    protected override Task<OutboxDatabase> CreateDatabaseAsync() => Task.FromResult<OutboxDatabase>(new SqliteOutboxDatabase());
}
