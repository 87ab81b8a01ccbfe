using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;

/// <summary>Numbers are in the order in which the database serialised the writers of a key, whatever else they do in their transactions.</summary>
public sealed class PostgreSqlOrderTests(PostgreSqlFixture postgreSql)
{
    private const int Writers = 6;
    private const int Transactions = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_number_is_drawn_only_once_the_key_is_free()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);
        Task second = Task.CompletedTask;

        await app.InScopeAsync<ShopContext>(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            context.AddOutboxEvent(new Counted("a", 1));
            await context.SaveChangesAsync(Cancellation);

            // The one behind waits; one of another bucket passes, and gets a number in between.
            second = app.AddAsync(new Counted("a", 3));
            await WaitUntilSomebodyWaitsAsync(database);
            await app.AddAsync(new Counted("b", 2));
            Assert.False(second.IsCompleted);
            await transaction.CommitAsync(Cancellation);
        });
        await second;

        Assert.Equal([("a", 1L), ("b", 2), ("a", 3)], (await app.ReadAsync()).Select(row => (row.Key, row.Id)));
    }

    [Fact]
    public async Task A_rollback_frees_the_key()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);
        Task second = Task.CompletedTask;

        await app.InScopeAsync<ShopContext>(async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            context.AddOutboxEvent(new Counted("a", 1));
            await context.SaveChangesAsync(Cancellation);
            second = app.AddAsync(new Counted("a", 2));
            await WaitUntilSomebodyWaitsAsync(database);
            await transaction.RollbackAsync(Cancellation);
        });
        await second;

        Assert.Equal([2L], (await app.ReadAsync()).Select(row => row.Id));
    }

    [Theory]
    [InlineData("accounts")]
    [InlineData("zones")]
    public async Task Writers_of_several_keys_are_in_order_and_do_not_deadlock(string entities)
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);
        string[] keys = [.. Enumerable.Range(0, 5).Select(number => $"key {number}")];
        await app.InScopeAsync<ShopContext>(context =>
        {
            context.AddRange(keys.Select(key => entities == "accounts" ? (object)new Account { Id = key } : new Zone { Id = key }));
            return context.SaveChangesAsync(Cancellation);
        });

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteAsync(app, entities, keys, new Random(writer))));

        var rows = await app.ReadAsync();
        Assert.Equal(Writers * Transactions * 3, rows.Count);
        Assert.All(rows.GroupBy(row => row.Key), key => Assert.Equal(Enumerable.Range(1, key.Count()), key.Select(NumberOf)));
    }

    [Fact]
    public async Task Within_a_bucket_rows_become_visible_in_the_order_of_their_numbers()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await OutboxApp.CreateAsync(database);
        string[] keys = [.. Enumerable.Range(0, 8).Select(number => $"key {number}")];

        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            var random = new Random(writer);

            for (var number = 0; number < Transactions; number++)
            {
                await app.InScopeAsync<ShopContext>(async context =>
                {
                    await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
                    context.AddOutboxEvent(new Counted(keys[random.Next(keys.Length)], number));
                    await context.SaveChangesAsync(Cancellation);
                    await Task.Yield();
                    await (random.Next(5) == 0 ? transaction.RollbackAsync(Cancellation) : transaction.CommitAsync(Cancellation));
                });
            }
        }));

        var seen = new HashSet<long>();
        var last = new Dictionary<int, long>();

        for (var isLast = false; !isLast;)
        {
            isLast = writing.IsCompleted;

            foreach (var row in (await app.ReadAsync()).Where(row => seen.Add(row.Id)))
            {
                Assert.True(row.Id > last.GetValueOrDefault(row.Bucket), $"Row {row.Id} of bucket {row.Bucket} became visible after row {last.GetValueOrDefault(row.Bucket)}.");
                last[row.Bucket] = row.Id;
            }
        }

        await writing;
        Assert.NotEmpty(seen);
    }

    private static async Task WriteAsync(OutboxApp app, string entities, string[] keys, Random random)
    {
        for (var number = 0; number < Transactions;)
        {
            // In any order: what is saved at once is locked in an order of its own.
            var chosen = keys.OrderBy(_ => random.Next()).Take(3).ToList();

            try
            {
                await app.InScopeAsync<ShopContext>(async context =>
                {
                    foreach (var key in chosen)
                    {
                        var count = entities == "accounts"
                            ? ++(await context.Accounts.SingleAsync(account => account.Id == key, Cancellation)).Count
                            : ++(await context.Zones.SingleAsync(zone => zone.Id == key, Cancellation)).Count;
                        context.AddOutboxEvent(new Counted(key, count));
                    }

                    await context.SaveChangesAsync(Cancellation);
                });
                number++;
            }
            catch (DbUpdateConcurrencyException)
            {
                // Somebody else counted meanwhile. A deadlock would be another exception, and fail the test.
            }
        }
    }

    private static async Task WaitUntilSomebodyWaitsAsync(OutboxDatabase database)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", connection);

        while ((long)(await command.ExecuteScalarAsync(Cancellation))! == 0)
        {
            await Task.Delay(5, Cancellation);
        }
    }

    private static int NumberOf(OutboxRow row) => OutboxWritingTests.NumberOf(row);

    private async Task<OutboxDatabase> CreateDatabaseAsync() => new PostgreSqlOutboxDatabase(await postgreSql.CreateDatabaseAsync());
}
