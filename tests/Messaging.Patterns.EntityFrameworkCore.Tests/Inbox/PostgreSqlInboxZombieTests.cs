using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Inbox;

/// <summary>Handlers that stand still in their transaction while others handle the same events, or clean up.</summary>
public sealed class PostgreSqlInboxZombieTests(PostgreSqlFixture postgreSql)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_waits_for_a_handler_that_does_not_end_is_told_after_the_commands_time()
    {
        await using var database = await postgreSql.CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(new PostgreSqlOutboxDatabase(database));
        await using var impatient = await InboxApp.CreateAsync(new ImpatientDatabase(database));
        var held = new HeldHandler(app);
        var first = app.DeliverAsync(new Counted("a", 1), InboxTests.Context("1", offset: 1)).AsTask();
        await held.IsHeldAsync();

        var late = await Assert.ThrowsAsync<MessagingException>(() => impatient.DeliverAsync(new Counted("a", 1), InboxTests.Context("1", offset: 1)).AsTask());

        Assert.StartsWith("Group 'group' has waited too long to write down 1 event(s) as handled, the first of them '1' of source '/shop' at topic 'counts', partition 3, offset 1.", late.Message, StringComparison.Ordinal);
        Assert.Empty(impatient.Handled);
        held.Release();
        await first;
        await impatient.DeliverAsync(new Counted("a", 1), InboxTests.Context("1", offset: 1));
        Assert.Equal((1, 1), await app.ReadAsync("a"));
    }

    [Fact]
    public async Task A_handler_whose_connection_is_ended_lets_the_other_go_on_and_leaves_nothing()
    {
        await using var database = await postgreSql.CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(new PostgreSqlOutboxDatabase(database));
        var held = new HeldHandler(app);
        var first = app.DeliverAsync(new Counted("a", 1), InboxTests.Context("1", offset: 1)).AsTask();
        await held.IsHeldAsync();
        var second = app.DeliverAsync(new Counted("b", 1), InboxTests.Context("1", offset: 1)).AsTask();
        Assert.False(await PostgreSqlLocks.IsDoneWithoutAsync(database.ConnectionString, second));

        await database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'");
        await second;
        held.Release();

        await Assert.ThrowsAnyAsync<Exception>(() => first);
        Assert.Equal(((0, 0), (1, 1)), (await app.ReadAsync("a"), await app.ReadAsync("b")));
    }

    [Fact]
    public async Task Batches_with_the_same_events_in_opposite_orders_do_not_deadlock()
    {
        await using var database = await postgreSql.CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(new PostgreSqlOutboxDatabase(database), handlers => handlers.AddBatch<Counted, Counter>());
        var held = new HeldHandler(app);
        app.Failures.Enqueue(new InvalidOperationException("no"));
        var middle = DeliverAsync(app, 2);
        await held.IsHeldAsync();

        // Each gets as far as the event in the middle, if it takes them as they come, and then has what the other needs.
        Task[] batches = [DeliverAsync(app, 1, 2, 3), DeliverAsync(app, 3, 2, 1)];

        while (await PostgreSqlLocks.CountWaitingAsync(database.ConnectionString) < 2)
        {
            Assert.DoesNotContain(batches, batch => batch.IsCompleted);
        }

        held.Release();
        await Assert.ThrowsAsync<InvalidOperationException>(() => middle);
        await Task.WhenAll(batches);
        Assert.Equal(3, await app.CountAsync());
    }

    [Fact]
    public async Task Clean_up_keeps_a_mark_that_is_being_handled_again()
    {
        await using var database = await postgreSql.CreateDatabaseAsync();
        await using var app = await InboxApp.CreateAsync(new PostgreSqlOutboxDatabase(database));
        await app.DeliverAsync(new Counted("a", 1), InboxTests.Context("1", offset: 1));
        await app.DeliverAsync(new Counted("a", 1), InboxTests.Context("2", offset: 2));
        app.Clock.Advance(TimeSpan.FromDays(8));
        var held = new HeldHandler(app);
        var replay = app.DeliverAsync(new Counted("a", 1), InboxTests.Context("1", offset: 1) with { Epoch = 5 }).AsTask();
        await held.IsHeldAsync();

        var cleanUp = app.CleanUpAsync();
        Assert.False(await PostgreSqlLocks.IsDoneWithoutAsync(database.ConnectionString, cleanUp));
        held.Release();
        await replay;

        Assert.Equal(1, await cleanUp);
        await app.DeliverAsync(new Counted("a", 1), InboxTests.Context("1", offset: 1) with { Epoch = 5 });
        Assert.Equal((3, 3), await app.ReadAsync("a"));
    }

    private static Task DeliverAsync(InboxApp app, params int[] numbers) =>
        app.DeliverAsync([.. numbers.Select(number => (new Counted($"key {number}", 1), InboxTests.Context($"{number}", offset: number)))]).AsTask();

    /// <summary>One that gives a command a second.</summary>
    private sealed class ImpatientDatabase(PostgreSqlDatabase database) : OutboxDatabase
    {
        public override string ConnectionString { get; } = new NpgsqlConnectionStringBuilder(database.ConnectionString) { CommandTimeout = 1 }.ConnectionString;

        public override DbContextOptionsBuilder Use(DbContextOptionsBuilder options) => options.UseNpgsql(ConnectionString);

        public override IMessagingPatternsBuilder AddOutbox<TContext>(IMessagingPatternsBuilder builder, Action<OutboxOptions>? configure = null) => new PostgreSqlOutboxDatabase(database).AddOutbox<TContext>(builder, configure);

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
