using System.Data.Common;
using System.Transactions;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Projections;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using EventStoreDatabaseException = Messaging.Patterns.EntityFrameworkCore.EventSourcing.EventStoreDatabaseException;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;

/// <summary>Inline projections where several write at once, and where the session ends in the middle.</summary>
public sealed class PostgreSqlInlineProjectionTests(PostgreSqlFixture postgreSql) : InlineProjectionTests
{
    [Fact]
    public async Task A_session_that_ends_while_a_handler_works_leaves_nothing_and_a_retrying_strategy_calls_it_again()
    {
        await using var database = await CreateDatabaseAsync();
        var deaths = new Deaths { Left = 1 };
        await using var app = await CreateDyingAsync(database, deaths, options => options.UseNpgsql(database.ConnectionString, npgsql => npgsql.EnableRetryOnFailure()));

        await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(3), cancellationToken: Cancellation);

        Assert.Equal([1, 2], deaths.Attempts);
        Assert.Equal([("total", 3)], await NotesAsync(app));
        Assert.Single(await app.ReadAsync(Stream));
    }

    [Fact]
    public async Task A_session_that_ends_while_a_handler_works_leaves_nothing_and_is_told_as_what_may_be_tried_again()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await CreateDyingAsync(database, new Deaths { Left = 2 }, options => options.UseNpgsql(database.ConnectionString));

        var thrown = await Assert.ThrowsAsync<InlineProjectionException>(() => app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(3), cancellationToken: Cancellation).AsTask());
        Assert.True(thrown.IsTransient);
        await app.InScopeAsync(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            await Assert.ThrowsAsync<InlineProjectionException>(() => context.EventStore().AppendAsync(Stream, ExpectedVersion.NoStream, Charges(3), cancellationToken: Cancellation).AsTask());
        });

        Assert.Empty(await NotesAsync(app));
        Assert.Empty(await app.ReadAsync(Stream));
    }

    [Fact]
    public async Task An_append_whose_commit_was_not_answered_is_found_and_not_projected_again()
    {
        await using var database = await CreateDatabaseAsync();
        await using var before = await EventStoreApp.CreateAsync(database);
        var script = new SubscriptionTests.Script();
        await using var app = await CreateAppAsync(database, script, use: options => options
            .UseNpgsql(database.ConnectionString, npgsql => npgsql.EnableRetryOnFailure()).AddInterceptors(new LostAnswer()));

        var result = await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(3), cancellationToken: Cancellation);

        Assert.Equal(1, result.Version);
        Assert.Equal([1L], script.Handled);
        Assert.Equal(3, await TotalAsync(app));
    }

    [Fact]
    public async Task An_outcome_that_is_unknown_is_resolved_and_projected_once()
    {
        await using var database = await CreateDatabaseAsync();
        await using var before = await EventStoreApp.CreateAsync(database);
        var script = new SubscriptionTests.Script();
        await using var app = await CreateAppAsync(database, script, use: options => options.UseNpgsql(database.ConnectionString).AddInterceptors(new LostAnswer()));

        var unknown = await Assert.ThrowsAsync<AppendOutcomeUnknownException>(() => app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(3), cancellationToken: Cancellation).AsTask());

        Assert.Equal(AppendOutcome.Accepted, (await app.Store.ResolveAsync(unknown.Pending, Cancellation)).Outcome);
        Assert.Equal(3, await TotalAsync(app));
    }

    [Fact]
    public async Task Handlers_that_take_shared_rows_in_different_orders_end_as_a_deadlock_that_may_be_tried_again()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database, extend: messaging =>
        {
            messaging.Services.AddSingleton(new Crossing());
            messaging.AddInlineProjection<EventsContext>("crossing", projection => projection.Handle<Charged, Crosses>());
        });
        await app.InScopeAsync(async context =>
        {
            context.Notes.AddRange(new Note { Id = "0" }, new Note { Id = "1" });
            await context.SaveChangesAsync(Cancellation);
        });

        var appends = Enumerable.Range(0, 2).Select(first => app.Store.AppendAsync(new StreamId("account", $"{first}"), ExpectedVersion.NoStream, Charges(first), cancellationToken: Cancellation).AsTask()).ToList();
        var thrown = await Assert.ThrowsAsync<InlineProjectionException>(() => Task.WhenAll(appends));

        Assert.True(thrown.IsTransient);
        await app.Store.AppendAsync(thrown.Stream, ExpectedVersion.NoStream, Charges(0), cancellationToken: Cancellation);
        Assert.Equal([("0", 2), ("1", 2)], await NotesAsync(app));
    }

    [Fact]
    public async Task A_transaction_scope_is_refused_with_nothing_written()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await CreateAppAsync(database, new());

        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            var thrown = await Assert.ThrowsAsync<EventStoreDatabaseException>(() => app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(3), cancellationToken: Cancellation).AsTask());
            Assert.Contains("ambient transaction", thrown.Message, StringComparison.Ordinal);
        }

        Assert.Empty(await app.ReadAsync(Stream));
    }

    protected override async Task<OutboxDatabase> CreateDatabaseAsync() => new PostgreSqlOutboxDatabase(await postgreSql.CreateDatabaseAsync());

    private static Task<EventStoreApp> CreateDyingAsync(OutboxDatabase database, Deaths deaths, Action<DbContextOptionsBuilder> use) =>
        EventStoreApp.CreateAsync(database, use, extend: messaging =>
        {
            messaging.Services.AddSingleton(deaths);
            messaging.AddInlineProjection<EventsContext>("dying", projection => projection.Handle<Charged, Dies>());
        });

    public sealed class Deaths
    {
        public int Left { get; set; }

        public List<int> Attempts { get; } = [];
    }

    /// <summary>Counts, and ends its session afterwards.</summary>
    public sealed class Dies(EventsContext model, Deaths deaths) : IEventHandler<Charged>
    {
        public async ValueTask HandleAsync(Charged @event, EventContext context, CancellationToken cancellationToken = default)
        {
            deaths.Attempts.Add(context.Attempt);
            model.Notes.Add(new Note { Id = "total", Count = @event.Amount });
            await model.SaveChangesAsync(cancellationToken);

            if (deaths.Left-- > 0)
            {
                await model.Database.ExecuteSqlRawAsync("SELECT pg_terminate_backend(pg_backend_pid()); SELECT 1", cancellationToken);
            }
        }
    }

    public sealed class Crossing
    {
        private readonly TaskCompletionSource _both = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _here;

        public Task MeetAsync()
        {
            if (Interlocked.Increment(ref _here) == 2)
            {
                _both.SetResult();
            }

            return _both.Task;
        }
    }

    /// <summary>Locks one row and then the other, of which somebody else has locked the second.</summary>
    public sealed class Crosses(EventsContext model, Crossing crossing) : IEventHandler<Charged>
    {
        public async ValueTask HandleAsync(Charged @event, EventContext context, CancellationToken cancellationToken = default)
        {
            await CountAsync($"{@event.Amount}", cancellationToken);
            await crossing.MeetAsync().WaitAsync(cancellationToken);
            await CountAsync($"{1 - @event.Amount}", cancellationToken);
        }

        private Task<int> CountAsync(string id, CancellationToken cancellationToken) =>
            model.Notes.Where(note => note.Id == id).ExecuteUpdateAsync(set => set.SetProperty(note => note.Count, note => note.Count + 1), cancellationToken);
    }

    /// <summary>Loses the answer to the first commit.</summary>
    private sealed class LostAnswer : DbTransactionInterceptor
    {
        private bool _isLost;

        public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            if (_isLost)
            {
                return Task.CompletedTask;
            }

            _isLost = true;
            throw new NpgsqlException("The answer was lost.", new IOException());
        }
    }
}
