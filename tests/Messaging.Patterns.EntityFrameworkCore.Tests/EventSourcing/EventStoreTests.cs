using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;

/// <summary>What an event store on a database does beyond the contract of event stores, on every database that is supported.</summary>
public abstract class EventStoreTests
{
    private protected static readonly StreamId Stream = new("account", "42");

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_append_commits_with_the_transaction_of_its_context()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);

        await app.InScopeAsync(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            context.Notes.Add(new Note { Id = "a" });
            await context.SaveChangesAsync(Cancellation);
            var first = await AppendAsync(context, ExpectedVersion.NoStream, 1);
            var second = await AppendAsync(context, ExpectedVersion.Exactly(1), 2);
            Assert.Equal((1, 2), (first.Version, second.Version));
            Assert.Equal(2, await context.EventStore().ReadStreamAsync(Stream, cancellationToken: Cancellation).CountAsync(Cancellation));
            Assert.Empty(await app.ReadAsync(Stream));

            await transaction.CommitAsync(Cancellation);
        });

        Assert.Equal([new Charged(1), new Charged(2)], (await app.ReadAsync(Stream)).Select(recorded => recorded.Payload));
        Assert.Equal(1, await app.CountNotesAsync());
    }

    [Fact]
    public async Task An_append_is_rolled_back_with_the_transaction_of_its_context()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);

        await app.InScopeAsync(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            context.Notes.Add(new Note { Id = "a" });
            await context.SaveChangesAsync(Cancellation);
            await AppendAsync(context, ExpectedVersion.NoStream, 1);
        });

        Assert.Empty(await app.ReadAsync(Stream));
        Assert.Equal(0, await app.CountNotesAsync());
        Assert.Equal(1, (await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, [new(new Charged(2))], cancellationToken: Cancellation)).Version);
    }

    [Fact]
    public async Task A_conflict_leaves_the_transaction_usable()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, [new(new Charged(1))], cancellationToken: Cancellation);

        await app.InScopeAsync(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            var conflict = await Assert.ThrowsAsync<StreamConflictException>(() => AppendAsync(context, ExpectedVersion.NoStream, 2));
            await AppendAsync(context, ExpectedVersion.Exactly(conflict.Actual), 3);
            await transaction.CommitAsync(Cancellation);
        });

        Assert.Equal([new Charged(1), new Charged(3)], (await app.ReadAsync(Stream)).Select(recorded => recorded.Payload));
    }

    [Fact]
    public async Task An_append_through_a_context_without_transaction_commits_by_itself_and_saves_nothing_else()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);

        await app.InScopeAsync(async context =>
        {
            context.Notes.Add(new Note { Id = "a" });
            await AppendAsync(context, ExpectedVersion.NoStream, 1);
        });

        Assert.Single(await app.ReadAsync(Stream));
        Assert.Equal(0, await app.CountNotesAsync());
    }

    [Fact]
    public async Task An_append_id_is_remembered_however_many_appends_follow()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        var options = new AppendOptions { Id = AppendId.From("request 1") };
        var first = await app.Store.AppendAsync(Stream, ExpectedVersion.Any, Charges(2_500), options, Cancellation);

        for (var append = 0; append < 200; append++)
        {
            await app.Store.AppendAsync(Stream, ExpectedVersion.Any, Charges(1), cancellationToken: Cancellation);
        }

        Assert.Equal(2_500, first.Version);
        Assert.Equal(first, await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(2_500), options, Cancellation));
        Assert.Equal(2_700, (await app.ReadAsync(Stream)).Count);
        Assert.Equal(2_700, await app.Feed.ReadAllAsync(Position.Start, cancellationToken: Cancellation).CountAsync(Cancellation));
    }

    [Fact]
    public async Task Twelve_writers_and_readers_as_fast_as_they_can_miss_nothing_and_read_nothing_out_of_order()
    {
        const int Writers = 12;
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database, configure: options => options.PollInterval = TimeSpan.FromMilliseconds(1));
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() => FollowAsync(app, stopping.Token), Cancellation)).ToList();

        var written = (await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(app, writer), Cancellation)))).Sum();
        var end = await app.Feed.ReadAllAsync(Position.Start, cancellationToken: Cancellation).ToListAsync(Cancellation);
        await app.Store.AppendAsync(new StreamId("account", "end"), ExpectedVersion.NoStream, Charges(1), cancellationToken: Cancellation);

        Assert.True(written > 0);
        AssertComplete(end, written);
        Assert.All(await Task.WhenAll(readers), read => AssertComplete(read, written));
    }

    [Fact]
    public async Task An_append_that_waits_for_another_ends_at_its_time_limit_with_nothing_written()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database, options => UseImpatiently(database, options));

        await app.InScopeAsync(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            await AppendAsync(context, ExpectedVersion.NoStream, 1);

            var append = app.Store.AppendAsync(Stream, ExpectedVersion.Any, Charges(1), new AppendOptions { Timeout = TimeSpan.FromMilliseconds(200) }, Cancellation);
            var exception = await Assert.ThrowsAsync<EntityFrameworkCore.EventSourcing.EventStoreDatabaseException>(() => append.AsTask());

            Assert.True(exception.IsTransient);
            await transaction.CommitAsync(Cancellation);
        });

        Assert.Single(await app.ReadAsync(Stream));
    }

    [Fact]
    public async Task A_sealed_store_refuses_appends_and_answers_everything_else_until_the_seal_is_taken_off()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        var options = new AppendOptions { Id = AppendId.New() };
        var first = await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(2), options, Cancellation);
        await app.InScopeAsync(context => context.SealEventStoreAsync(Cancellation));
        await app.InScopeAsync(context => context.SealEventStoreAsync(Cancellation));

        var refused = await Assert.ThrowsAsync<EntityFrameworkCore.EventSourcing.EventStoreDatabaseException>(() =>
            app.Store.AppendAsync(Stream, ExpectedVersion.Exactly(2), Charges(1), cancellationToken: Cancellation).AsTask());
        await app.InScopeAsync(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            await Assert.ThrowsAsync<EntityFrameworkCore.EventSourcing.EventStoreDatabaseException>(() => AppendAsync(context, ExpectedVersion.Any, 1));
        });

        Assert.False(refused.IsTransient);
        Assert.Matches("The event store in table \"?messaging_event\"? is sealed: .* Nothing was written.$", refused.Message);
        Assert.Equal(first, await app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(2), options, Cancellation));
        await Assert.ThrowsAsync<StreamConflictException>(() => app.Store.AppendAsync(Stream, ExpectedVersion.NoStream, Charges(1), cancellationToken: Cancellation).AsTask());
        Assert.Equal(2, await app.Feed.ReadAllAsync(Position.Start, cancellationToken: Cancellation).CountAsync(Cancellation));

        await app.InScopeAsync(context => context.UnsealEventStoreAsync(Cancellation));
        Assert.Equal(3, (await app.Store.AppendAsync(Stream, ExpectedVersion.Exactly(2), Charges(1), cancellationToken: Cancellation)).Version);
    }

    [Fact]
    public async Task What_was_appended_before_the_seal_is_in_what_a_copy_reads_after_it()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        await using var targetDatabase = await CreateDatabaseAsync();
        await using var target = await EventStoreApp.CreateAsync(targetDatabase);
        var writing = Enumerable.Range(0, 4).Select(writer => Task.Run(() => WriteUntilSealedAsync(app, writer), Cancellation)).ToList();
        var copied = await app.Feed.CopyToAsync(target.Store, cancellationToken: Cancellation);

        await app.InScopeAsync(context => context.SealEventStoreAsync(Cancellation));
        copied = await app.Feed.CopyToAsync(target.Store, new() { After = copied.Position }, Cancellation);

        var written = (await Task.WhenAll(writing)).Sum();
        Assert.True((await app.Feed.CompareToAsync(target.Store, cancellationToken: Cancellation)).IsEqual);
        Assert.Equal(written, await target.Feed.ReadAllAsync(Position.Start, cancellationToken: Cancellation).CountAsync(Cancellation));
    }

    protected abstract Task<OutboxDatabase> CreateDatabaseAsync();

    /// <summary>Appends in transactions of its own until the store refuses; returns how many events were committed.</summary>
    private static async Task<int> WriteUntilSealedAsync(EventStoreApp app, int writer)
    {
        for (var written = 0; ; written++)
        {
            try
            {
                await app.InScopeAsync(async context =>
                {
                    await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
                    await context.EventStore().AppendAsync(new StreamId("account", $"{writer % 2}"), ExpectedVersion.Any, Charges(1), cancellationToken: Cancellation);
                    await Task.Delay(1, Cancellation);
                    await transaction.CommitAsync(Cancellation);
                });
            }
            catch (EntityFrameworkCore.EventSourcing.EventStoreDatabaseException exception) when (exception.Message.Contains("is sealed", StringComparison.Ordinal))
            {
                return written;
            }
        }
    }

    private protected static Task<AppendResult> AppendAsync(EventsContext context, ExpectedVersion expected, int amount) =>
        context.EventStore().AppendAsync(Stream, expected, [new(new Charged(amount))], cancellationToken: Cancellation).AsTask();

    private protected static EventData[] Charges(int count) => [.. Enumerable.Range(1, count).Select(amount => new EventData(new Charged(amount)))];

    private static void AssertComplete(List<RecordedEvent> events, int written)
    {
        Assert.Equal(written, events.Count);
        Assert.All(events.GroupBy(recorded => recorded.Stream), stream =>
            Assert.Equal(Enumerable.Range(1, stream.Count()).Select(version => (long)version), stream.Select(recorded => recorded.Version)));
    }

    /// <summary>Follows the feed up to the event that is appended last, each time a few events from a new read.</summary>
    private static async Task<List<RecordedEvent>> FollowAsync(EventStoreApp app, CancellationToken cancellationToken)
    {
        var (position, read) = (Position.Start, new List<RecordedEvent>());

        while (true)
        {
            var count = read.Count;

            await foreach (var recorded in app.Feed.ReadAllAsync(position, new() { Follow = true }, cancellationToken))
            {
                if (recorded.Stream.Id == "end")
                {
                    return read;
                }

                if (read.Count > count + 50 && !position.Covers(recorded.Position))
                {
                    break;
                }

                position = position.Merge(recorded.Position);
                read.Add(recorded);
            }
        }
    }

    /// <summary>Appends to streams that others append to as well, in transactions of different length, of which some are rolled back; returns how many events were committed.</summary>
    private async Task<int> WriteAsync(EventStoreApp app, int writer)
    {
        var (random, written) = (new Random(writer), 0);

        for (var transaction = 0; transaction < Transactions; transaction++)
        {
            await app.InScopeAsync(async context =>
            {
                await using var own = await context.Database.BeginTransactionAsync(Cancellation);

                // Some have an id long before they append.
                if (random.Next(2) == 0)
                {
                    context.Notes.Add(new Note { Id = $"{writer} {transaction}" });
                    await context.SaveChangesAsync(Cancellation);
                    await PauseAsync(random);
                }

                // In one order, so that no two wait for each other.
                var streams = Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(5)).Distinct().Order().ToList();

                foreach (var stream in streams)
                {
                    await context.EventStore().AppendAsync(new StreamId("account", $"{stream}"), ExpectedVersion.Any, Charges(2), cancellationToken: Cancellation);
                    await PauseAsync(random);
                }

                if (random.Next(4) > 0)
                {
                    await own.CommitAsync(Cancellation);
                    written += 2 * streams.Count;
                }
            });
        }

        return written;
    }

    private protected virtual int Transactions => 25;

    // SQLite waits for another writer without an eye on anything but this.
    private static DbContextOptionsBuilder UseImpatiently(OutboxDatabase database, DbContextOptionsBuilder options) =>
        database is SqliteOutboxDatabase ? options.UseSqlite($"{database.ConnectionString};Default Timeout=1") : database.Use(options);

    private static async Task PauseAsync(Random random)
    {
        if (random.Next(3) == 0)
        {
            await Task.Delay(random.Next(8), Cancellation);
        }
    }
}

public sealed class SqliteEventStoreTests : EventStoreTests
{
    private protected override int Transactions => 5;

    protected override Task<OutboxDatabase> CreateDatabaseAsync() => Task.FromResult<OutboxDatabase>(new SqliteOutboxDatabase());
}
