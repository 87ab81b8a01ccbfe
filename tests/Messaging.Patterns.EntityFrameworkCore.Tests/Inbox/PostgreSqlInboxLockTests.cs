using Messaging.Patterns.Consuming;
using Messaging.Patterns.EntityFrameworkCore.Inbox;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Inbox;

/// <summary>Each lock and comparison of an inbox on PostgreSQL: as they are, nothing goes wrong; each broken on purpose is noticed.</summary>
public sealed class PostgreSqlInboxLockTests(PostgreSqlFixture postgreSql) : IAsyncDisposable
{
    private const string AsItIs = "";
    private const string KeepEpoch = "FOR KEY SHARE";

    private OutboxDatabase _database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(AsItIs, "", true)]
    [InlineData(KeepEpoch, "AND false", false)]
    [InlineData(KeepEpoch, "", false)]
    [InlineData("FOR UPDATE", "", false)]
    [InlineData("FOR UPDATE", "FOR NO KEY UPDATE", false)]
    public async Task A_rewind_waits_for_a_commit_that_has_begun(string original, string broken, bool isKept)
    {
        var (slow, statements) = (new SlowCommit(), new BrokenStatements(original, broken));
        await using var app = await CreateAsync(slow, statements);
        var handler = await DeliverSlowlyAsync(app, slow);

        var rewind = app.Positions.RewindAsync("group", "counts", 3, new StoredPosition(0, 5), Cancellation).AsTask();
        var waits = !await PostgreSqlLocks.IsDoneWithoutAsync(_database.ConnectionString, rewind);
        slow.Release();
        await Task.WhenAll(handler, rewind);

        Assert.Equal((isKept, true), (waits, statements.IsInForce));
    }

    [Theory]
    [InlineData(AsItIs, "", true)]
    [InlineData(KeepEpoch, "FOR SHARE", false)]
    [InlineData(KeepEpoch, "FOR UPDATE", false)]
    public async Task A_position_follows_beside_a_commit_that_has_begun(string original, string broken, bool isKept)
    {
        var (slow, statements) = (new SlowCommit(), new BrokenStatements(original, broken));
        await using var app = await CreateAsync(slow, statements);
        var handler = await DeliverSlowlyAsync(app, slow);

        var follow = app.Positions.FollowAsync("group", "counts", 3, new StoredPosition(1, 0), Cancellation).AsTask();
        var follows = await PostgreSqlLocks.IsDoneWithoutAsync(_database.ConnectionString, follow);
        slow.Release();
        await Task.WhenAll(handler, follow);

        Assert.Equal((isKept, true), (follows, statements.IsInForce));
    }

    [Theory]
    [InlineData(AsItIs, "", true)]
    [InlineData(KeepEpoch, "FOR NO KEY UPDATE", false)]
    public async Task Handlers_of_a_partition_commit_beside_each_other(string original, string broken, bool isKept)
    {
        var (slow, statements) = (new SlowCommit(), new BrokenStatements(original, broken));
        await using var app = await CreateAsync(slow, statements);
        var first = await DeliverSlowlyAsync(app, slow);

        var second = app.DeliverAsync(new Counted("b", 1), InboxTests.Context("2", offset: 2)).AsTask();
        var isDone = await PostgreSqlLocks.IsDoneWithoutAsync(_database.ConnectionString, second);
        slow.Release();
        await Task.WhenAll(first, second);

        Assert.Equal((isKept, true), (isDone, statements.IsInForce));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_rewind_does_not_wait_for_a_handler_since_the_lock_comes_last(bool isFirst)
    {
        var locks = new LocksFirst();
        await using var app = await CreateAsync(locks);
        locks.IsArmed = isFirst;
        var held = new HeldHandler(app);
        var handler = app.DeliverAsync(new Counted("a", 1), InboxTests.Context("1", offset: 1)).AsTask();
        await held.IsHeldAsync();

        var rewind = app.Positions.RewindAsync("group", "counts", 3, new StoredPosition(0, 5), Cancellation).AsTask();
        var isDone = await PostgreSqlLocks.IsDoneWithoutAsync(_database.ConnectionString, rewind);
        held.Release();
        await rewind;

        Assert.Equal(!isFirst, isDone);
        Assert.Equal(!isFirst, await Record.ExceptionAsync(() => handler) is PartitionRewoundException);
    }

    [Theory]
    [InlineData(AsItIs, "", true)]
    [InlineData(@" AND \w+\.epoch = @\w+", "", false)]
    public async Task A_handler_without_marks_compares_the_epoch_when_the_position_moves(string original, string broken, bool isKept)
    {
        var statements = new BrokenStatements(original, broken);
        await using var app = await CreateAsync([statements], byPosition: true);
        var held = new HeldHandler(app);
        var handler = app.DeliverAsync(new Counted("a", 1), InboxTests.Context("1", offset: 1)).AsTask();
        await held.IsHeldAsync();
        await app.Positions.RewindAsync("group", "counts", 3, new StoredPosition(0, 5), Cancellation);
        held.Release();

        Assert.Equal((isKept, true), (await Record.ExceptionAsync(() => handler) is PartitionRewoundException, statements.IsInForce));
    }

    [Theory]
    [InlineData(AsItIs, "", 0)]
    [InlineData(@" AND \(\w+\.next_offset < @.*(?=;|$)", "", 1)]
    public async Task A_handler_without_marks_compares_the_place_when_the_position_moves(string original, string broken, int extra)
    {
        var statements = new BrokenStatements(original, broken);
        await using var app = await CreateAsync([statements], byPosition: true);
        var held = new HeldHandler(app);
        var handler = app.DeliverAsync(new Counted("a", 1), InboxTests.Context("1", offset: 1)).AsTask();
        await held.IsHeldAsync();
        await app.DeliverAsync(new Counted("b", 1), InboxTests.Context("1", offset: 1));
        held.Release();
        await handler;

        Assert.Equal(((extra, extra), (1, 1), true), (await app.ReadAsync("a"), await app.ReadAsync("b"), statements.IsInForce));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private Task<InboxApp> CreateAsync(params IInterceptor[] interceptors) => CreateAsync(interceptors, byPosition: false);

    private async Task<InboxApp> CreateAsync(IInterceptor[] interceptors, bool byPosition)
    {
        _database = new InterceptedDatabase(new PostgreSqlOutboxDatabase(await postgreSql.CreateDatabaseAsync()), interceptors);
        var app = await InboxApp.CreateAsync(_database, byPosition: byPosition);
        await app.Positions.RewindAsync("group", "counts", 3, new StoredPosition(-1, 0), Cancellation);
        return app;
    }

    private static async Task<Task> DeliverSlowlyAsync(InboxApp app, SlowCommit slow)
    {
        slow.IsArmed = true;
        var delivery = app.DeliverAsync(new Counted("a", 1), InboxTests.Context("1", offset: 1)).AsTask();
        await slow.HasBegunAsync();
        return delivery;
    }
}
