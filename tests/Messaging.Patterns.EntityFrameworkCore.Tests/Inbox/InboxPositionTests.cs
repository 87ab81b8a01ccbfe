using Messaging.Patterns.Consuming;
using Messaging.Patterns.EntityFrameworkCore.Inbox;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Inbox;

/// <summary>What an inbox promises that keeps a position and nothing of single events, on every database that is supported.</summary>
public abstract class InboxPositionTests
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_lies_before_the_position_is_not_handled_again_and_leaves_no_row()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await CreateAsync(database);

        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1));
        await app.DeliverAsync(new Counted("a", 1), Context("2", offset: 4));
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1));
        await app.DeliverAsync(new Counted("a", 1), Context("2", offset: 4));

        Assert.Equal(((2, 2), 0), (await app.ReadAsync("a"), await app.CountAsync()));
        Assert.Equal(ProcessingOrder.PerPartition, app.Order);
    }

    [Fact]
    public async Task A_copy_in_a_record_of_its_own_is_handled_again()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await CreateAsync(database);

        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1));
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 2));

        Assert.Equal((2, 2), await app.ReadAsync("a"));
    }

    [Fact]
    public async Task Of_a_record_with_several_events_those_that_are_handled_are_known()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await CreateAsync(database);
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1));
        app.Failures.Enqueue(new InvalidOperationException("no"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.DeliverAsync(new Counted("a", 2), Context("2", offset: 1) with { Index = 1 }).AsTask());

        Assert.Equal(1, (await app.Positions.ReadAsync("group", "counts", 3, Cancellation))!.Next);
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1));
        await app.DeliverAsync(new Counted("a", 2), Context("2", offset: 1) with { Index = 1 });

        Assert.Equal([1, 2, 2], app.Handled);
        Assert.Equal((2, 2), await app.ReadAsync("a"));
    }

    [Fact]
    public async Task A_batch_is_handled_from_the_position_on()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await CreateAsync(database, handlers => handlers.AddBatch<Counted, Counter>());
        await app.DeliverAsync([.. Enumerable.Range(1, 5).Select(number => (new Counted("a", number), Context($"{number}", offset: number)))]);

        await app.DeliverAsync([.. Enumerable.Range(3, 5).Select(number => (new Counted("a", number), Context($"{number}", offset: number)))]);

        Assert.Equal(Enumerable.Range(1, 7), app.Handled);
        Assert.Equal((7, 7), await app.ReadAsync("a"));
    }

    [Fact]
    public async Task After_a_rewind_what_lies_behind_it_is_handled_again_once_and_what_it_left_is_refused()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await CreateAsync(database);
        await app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1));
        await app.DeliverAsync(new Counted("a", 2), Context("2", offset: 2));
        await app.Positions.RewindAsync("group", "counts", 3, new StoredPosition(2, 5), Cancellation);

        await Assert.ThrowsAsync<PartitionRewoundException>(() => app.DeliverAsync(new Counted("a", 3), Context("3", offset: 3)).AsTask());
        await app.DeliverAsync(new Counted("a", 2), Context("2", offset: 2) with { Epoch = 5 });
        await app.DeliverAsync(new Counted("a", 2), Context("2", offset: 2) with { Epoch = 5 });

        Assert.Equal([1, 2, 2], app.Handled);
        Assert.Equal((3, 3), await app.ReadAsync("a"));
    }

    private protected static async Task<InboxApp> CreateAsync(OutboxDatabase database, Action<EventHandlers>? addHandlers = null)
    {
        var app = await InboxApp.CreateAsync(database, addHandlers, byPosition: true);

        // As the owner of a partition does before it gives out anything.
        await app.Positions.RewindAsync("group", "counts", 3, new StoredPosition(-1, 0), Cancellation);
        return app;
    }

    private protected abstract Task<OutboxDatabase> CreateDatabaseAsync();

    private protected static EventContext Context(string id, long offset) => InboxTests.Context(id, offset);
}

public sealed class SqliteInboxPositionTests : InboxPositionTests
{
    private protected override Task<OutboxDatabase> CreateDatabaseAsync() => Task.FromResult<OutboxDatabase>(new SqliteOutboxDatabase());
}

public sealed class PostgreSqlInboxPositionTests(PostgreSqlFixture postgreSql) : InboxPositionTests
{
    [Fact]
    public async Task A_handler_that_is_held_open_while_another_member_handles_its_event_leaves_nothing()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await CreateAsync(database);
        var held = new HeldHandler(app);
        var stale = app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1)).AsTask();
        await held.IsHeldAsync();

        await app.DeliverAsync(new Counted("b", 1), Context("1", offset: 1));
        held.Release();
        await stale;

        Assert.Equal(((0, 0), (1, 1)), (await app.ReadAsync("a"), await app.ReadAsync("b")));
    }

    [Fact]
    public async Task A_handler_that_is_held_open_over_a_rewind_leaves_nothing_and_does_not_hold_the_replay_up()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await CreateAsync(database);
        var held = new HeldHandler(app);
        var stale = app.DeliverAsync(new Counted("a", 1), Context("1", offset: 1)).AsTask();
        await held.IsHeldAsync();

        await app.Positions.RewindAsync("group", "counts", 3, new StoredPosition(0, 5), Cancellation);
        await app.DeliverAsync(new Counted("b", 0), Context("0", offset: 0) with { Epoch = 5 });
        await app.DeliverAsync(new Counted("b", 1), Context("1", offset: 1) with { Epoch = 5 });
        held.Release();

        await Assert.ThrowsAsync<PartitionRewoundException>(() => stale);
        Assert.Equal(((0, 0), (2, 2)), (await app.ReadAsync("a"), await app.ReadAsync("b")));
    }

    private protected override async Task<OutboxDatabase> CreateDatabaseAsync() => new PostgreSqlOutboxDatabase(await postgreSql.CreateDatabaseAsync());
}

/// <summary>The first handler that is called stands still within its transaction, as that of a process that is paused.</summary>
internal sealed class HeldHandler
{
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HeldHandler(InboxApp app) => app.HoldAsync = _ => _held.TrySetResult() ? _released.Task : Task.CompletedTask;

    public Task IsHeldAsync() => _held.Task;

    public void Release() => _released.SetResult();
}
