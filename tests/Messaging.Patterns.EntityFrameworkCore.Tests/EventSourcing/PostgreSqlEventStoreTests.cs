using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;

public sealed class PostgreSqlEventStoreTests(PostgreSqlFixture postgreSql) : EventStoreTests
{
    [Fact]
    public async Task A_leaked_transaction_holds_the_feed_back_and_is_named()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database, configure: options => (options.HeldBackAfter, options.PollInterval) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(5)));
        await using var leaked = new NpgsqlConnection($"{database.ConnectionString};Application Name=Leaky's job");
        await leaked.OpenAsync(Cancellation);
        await using var transaction = await leaked.BeginTransactionAsync(Cancellation);
        string? number;
        await using (var writes = new NpgsqlCommand("SELECT pg_current_xact_id()::text", leaked, transaction))
        {
            number = (string?)await writes.ExecuteScalarAsync(Cancellation);
        }

        // Transactions of other tests on the server that are older would be named instead.
        await UntilAsync(() => OldestAsync(app), oldest => oldest == number);
        await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(1), cancellationToken: Cancellation);
        var reading = app.Feed.ReadAllAsync(Position.Start, cancellationToken: Cancellation).ToListAsync(Cancellation).AsTask();
        var health = app.Services.GetRequiredService<HealthCheckService>();
        var unhealthy = await UntilAsync(() => health.CheckHealthAsync(Cancellation), report => report.Status == HealthStatus.Degraded);

        Assert.False(reading.IsCompleted);
        var (id, text) = Assert.Single(app.Logged);
        Assert.Equal(2200, id);
        var holder = $"the session {leaked.ProcessID} of application 'Leaky''s job', user '{new NpgsqlConnectionStringBuilder(database.ConnectionString).Username}', in state 'idle in transaction'";
        Assert.Contains(holder, text, StringComparison.Ordinal);
        Assert.Contains(holder, unhealthy.Entries["event-feed-EventsContext"].Description, StringComparison.Ordinal);

        await transaction.RollbackAsync(Cancellation);

        Assert.Single(await reading);
        Assert.Equal([2200, 2201], app.Logged.Select(line => line.Id));
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(Cancellation)).Status);
    }

    [Fact]
    public async Task A_transaction_that_only_reads_holds_nothing_back()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        await using var reader = new NpgsqlConnection(database.ConnectionString);
        await reader.OpenAsync(Cancellation);
        await using var transaction = await reader.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, Cancellation);
        await using (var reads = new NpgsqlCommand("SELECT count(*) FROM notes", reader, transaction))
        {
            await reads.ExecuteScalarAsync(Cancellation);
        }

        await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(1), cancellationToken: Cancellation);

        Assert.Single(await app.Feed.ReadAllAsync(Position.Start, cancellationToken: Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task A_session_that_is_ended_while_it_appends_leaves_the_outcome_unknown_until_it_is_resolved()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);

        await app.InScopeAsync(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            await AppendAsync(context, ExpectedVersion.NoStream, 1);
            var any = app.Store.AppendAsync(Stream, ExpectedVersion.Any, Charges(2), cancellationToken: Cancellation).AsTask();
            var exact = app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(2), cancellationToken: Cancellation).AsTask();
            await UntilAsync(() => EndSessionsAsync(app), ended => ended == 0 && any.IsCompleted && exact.IsCompleted);

            var unknown = await Assert.ThrowsAsync<AppendOutcomeUnknownException>(() => any);
            var lost = await Assert.ThrowsAsync<AppendOutcomeUnknownException>(() => exact);
            await transaction.CommitAsync(Cancellation);

            var resolution = await app.Store.ResolveAsync(unknown.Pending, Cancellation);
            Assert.Equal((AppendOutcome.Accepted, 3L), (resolution.Outcome, resolution.Result?.Version));
            Assert.Equal(resolution, await app.Store.ResolveAsync(unknown.Pending, Cancellation));
            Assert.Equal(AppendResolution.Rejected, await app.Store.ResolveAsync(lost.Pending, Cancellation));
        });

        Assert.Equal(3, (await app.ReadAsync(Stream)).Count);
    }

    [Fact]
    public async Task Appends_are_repeated_by_the_execution_strategy_and_take_effect_once()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database, options => options.UseNpgsql(database.ConnectionString, npgsql => npgsql.EnableRetryOnFailure(10, TimeSpan.FromMilliseconds(20), null)));
        using var appending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var ending = Task.Run(
            async () =>
            {
                for (var ended = 0; ended < 10;)
                {
                    ended += await EndSessionsAsync(app);
                }
            },
            Cancellation);

        var appended = 0;

        for (; !ending.IsCompleted; appended++)
        {
            await app.Store.AppendAsync(Stream, ExpectedVersion.Exactly(appended), Charges(1), cancellationToken: Cancellation);
        }

        await ending;
        Assert.Equal(appended, (await app.ReadAsync(Stream)).Count);
    }

    [Fact]
    public async Task A_read_waits_for_the_commit_of_the_position_that_it_is_given()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);

        await app.InScopeAsync(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            var written = await AppendAsync(context, ExpectedVersion.NoStream, 1);
            var session = new StreamReadOptions { Consistency = ReadConsistency.Session(written.Position) };
            var reading = app.Store.ReadStreamAsync(Stream, session, Cancellation).ToListAsync(Cancellation).AsTask();
            Assert.False(reading.IsCompleted);

            await transaction.CommitAsync(Cancellation);

            Assert.Single(await reading);
        });
    }

    [Fact]
    public async Task A_position_that_never_comes_is_named_at_the_time_limit()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database, configure: options => options.ReadTimeout = TimeSpan.FromMilliseconds(10));
        var session = new StreamReadOptions { Consistency = ReadConsistency.Session(Position.At("events:0", 99)) };

        var exception = await Assert.ThrowsAsync<EntityFrameworkCore.EventSourcing.EventStoreDatabaseException>(() => app.Store.ReadStreamAsync(Stream, session, Cancellation).ToListAsync(Cancellation).AsTask());

        Assert.True(exception.IsTransient);
        Assert.StartsWith("Position 'events:0@99' was not there within 00:00:00.0100000.", exception.Message, StringComparison.Ordinal);
    }

    protected override async Task<OutboxDatabase> CreateDatabaseAsync() => new PostgreSqlOutboxDatabase(await postgreSql.CreateDatabaseAsync());

    /// <summary>Ends the sessions that append by themselves right now, and returns how many there were.</summary>
    private static async Task<int> EndSessionsAsync(EventStoreApp app)
    {
        var ended = 0;
        await app.InScopeAsync(async context => ended = await context.Database.SqlQueryRaw<int>(
            """
            SELECT count(pg_terminate_backend(pid))::int AS "Value" FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE '%pg_advisory_xact_lock%'
            """).SingleAsync(Cancellation));
        return ended;
    }

    private static async Task<string> OldestAsync(EventStoreApp app)
    {
        var oldest = "";
        await app.InScopeAsync(async context => oldest = await context.Database
            .SqlQueryRaw<string>("""SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS "Value" """).SingleAsync(Cancellation));
        return oldest;
    }

    private static async Task<T> UntilAsync<T>(Func<Task<T>> lookAsync, Func<T, bool> isThere)
    {
        for (var found = await lookAsync(); ; found = await lookAsync())
        {
            if (isThere(found))
            {
                return found;
            }

            await Task.Delay(5, Cancellation);
        }
    }
}
