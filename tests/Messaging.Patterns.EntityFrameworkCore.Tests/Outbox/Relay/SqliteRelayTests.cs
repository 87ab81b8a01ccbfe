using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox.Relay;

/// <summary>The relay on SQLite: one instance sends.</summary>
public sealed class SqliteRelayTests : OutboxRelayTests
{
    [Fact]
    public async Task Of_two_instances_one_sends_and_the_other_takes_over_when_it_ends()
    {
        await using var database = await CreateAsync();
        var first = await database.StartRelayAsync(Producer, options => options.LeaseDuration = TimeSpan.FromHours(1));
        await RelayDatabase.UntilAsync(async () => await database.CountAsync("messaging_outbox_lease WHERE owner IS NOT NULL") == 1);
        var other = new ScriptedProducer();
        await database.StartRelayAsync(other);
        await database.AddAsync(Enumerable.Range(0, 100).Select(number => $"{number % 9}:{number}"));
        await database.UntilEmptyAsync();

        Assert.Equal(100, Producer.Stored.Count);
        Assert.Empty(other.Stored);
        await first.StopAsync(Cancellation);
        await database.AddAsync("a:1");
        await database.UntilEmptyAsync();

        Assert.Equal(["a:1"], other.Stored);
    }

    [Fact]
    public async Task What_an_instance_that_ended_without_a_word_had_is_taken_over()
    {
        await using var database = await CreateAsync();
        await using (var context = database.CreateContext())
        {
            context.Add(new OutboxLease { Slot = 0, Owner = "gone", Token = 7, ExpiresAt = DateTime.UtcNow.AddSeconds(1) });
            await context.SaveChangesAsync(Cancellation);
        }

        await database.StartRelayAsync(Producer);
        await database.AddAsync("a:1");

        await database.UntilEmptyAsync();
        Assert.Equal(1, await database.CountAsync("messaging_outbox_lease WHERE token = 8"));
    }

    [Fact]
    public async Task Writers_of_many_transactions_beside_the_relay_lose_and_reorder_nothing()
    {
        await using var database = await CreateAsync();
        await database.StartRelayAsync(Producer, options => (options.PageSize, options.MaxHeldRows) = (7, 20));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            foreach (var number in Enumerable.Range(0, 50))
            {
                await database.AddAsync($"{writer}:{number}");
            }
        })));

        await database.UntilEmptyAsync();
        AssertOrdered(Producer.Stored);
        Assert.Equal(200, Producer.Stored.Count);
    }

    [Fact]
    public async Task A_table_that_gives_numbers_again_is_refused_with_the_remedy()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync("DROP TABLE messaging_outbox");
        await database.ExecuteAsync(
            "CREATE TABLE messaging_outbox (id INTEGER PRIMARY KEY, bucket INTEGER, topic TEXT, key TEXT, value BLOB, headers TEXT, trace_parent TEXT, created_at TEXT)");

        Assert.Contains("AUTOINCREMENT", await TroubleOfAsync(await database.StartRelayAsync(Producer)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_tables_are_named_with_the_remedy()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync("DROP TABLE messaging_outbox_parked");

        var trouble = await TroubleOfAsync(await database.StartRelayAsync(Producer));

        Assert.Contains("'messaging_outbox_parked' is missing", trouble, StringComparison.Ordinal);
        Assert.Contains("migrations add", trouble, StringComparison.Ordinal);
    }

    protected override ValueTask<RelayDatabase> CreateDatabaseAsync() => new(new SqliteRelayDatabase());
}
