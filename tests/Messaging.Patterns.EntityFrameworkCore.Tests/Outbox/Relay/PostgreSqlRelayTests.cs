using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox.Relay;

/// <summary>The relay on a real PostgreSQL: late transactions, several instances, connections that end.</summary>
public sealed class PostgreSqlRelayTests(PostgreSqlFixture postgreSql) : OutboxRelayTests
{
    private const string Listens = "query LIKE 'LISTEN%' AND datname = current_database()";

    [Fact]
    public async Task A_row_of_a_transaction_that_commits_late_is_sent_although_later_ones_are_long_gone()
    {
        await using var database = await CreateAsync();
        await database.StartRelayAsync(Producer);
        await using var late = database.CreateContext();
        await using var transaction = await late.Database.BeginTransactionAsync(Cancellation);
        late.Add(RelayDatabase.Row("late", "late:1"));
        await late.SaveChangesAsync(Cancellation);

        foreach (var number in Enumerable.Range(0, 10))
        {
            await database.AddAsync($"other:{number}");
            await RelayDatabase.UntilAsync(() => Task.FromResult(Producer.Stored.Count == number + 1));
        }

        await transaction.CommitAsync(Cancellation);

        await database.UntilEmptyAsync();
        Assert.Equal("late:1", Producer.Stored[^1]);
    }

    [Fact]
    public async Task Two_instances_share_the_keys_and_repeat_nothing()
    {
        await using var database = await CreateAsync();
        var other = new ScriptedProducer();
        await database.StartRelayAsync(Producer);
        await database.StartRelayAsync(other);
        await RelayDatabase.UntilAsync(async () => await database.CountAsync("(SELECT owner FROM messaging_outbox_lease WHERE slot >= 0 AND owner IS NOT NULL GROUP BY owner HAVING count(*) = 16) shares") == 2);

        await database.AddAsync(Enumerable.Range(0, 1_000).Select(number => $"{number % 50}:{number}"));
        await database.UntilEmptyAsync();

        Assert.Equal(1_000, Producer.Stored.Concat(other.Stored).Distinct().Count());
        Assert.Equal(1_000, Producer.Stored.Count + other.Stored.Count);
        Assert.Empty(Producer.Stored.Select(KeyOf).Intersect(other.Stored.Select(KeyOf)));
        Assert.NotEmpty(Producer.Stored);
        Assert.NotEmpty(other.Stored);
    }

    [Fact]
    public async Task An_instance_that_stops_gives_its_keys_back_at_once()
    {
        await using var database = await CreateAsync();
        var first = await database.StartRelayAsync(new ScriptedProducer(), options => options.LeaseDuration = TimeSpan.FromHours(1));
        await RelayDatabase.UntilAsync(async () => await database.CountAsync("messaging_outbox_lease WHERE owner IS NOT NULL AND slot >= 0") == 32);
        await first.StopAsync(Cancellation);

        await database.StartRelayAsync(Producer);
        await database.AddAsync("a:1");

        await database.UntilEmptyAsync();
        Assert.Equal(["a:1"], Producer.Stored);
    }

    [Fact]
    public async Task The_keys_of_an_instance_that_ended_without_a_word_are_taken_over()
    {
        await using var database = await CreateAsync();
        await (await database.StartRelayAsync(new ScriptedProducer())).StopAsync(Cancellation);

        // As if somebody else, who is gone, had them all.
        await database.ExecuteAsync("UPDATE messaging_outbox_lease SET owner = 'gone', token = token + 1, expires_at = now() + interval '1 second' WHERE slot >= 0");
        await database.StartRelayAsync(Producer);
        await database.AddAsync(Enumerable.Range(0, 50).Select(number => $"{number}:{number}"));

        await database.UntilEmptyAsync();
        Assert.Equal(50, Producer.Stored.Count);
    }

    [Fact]
    public async Task Connections_that_end_in_the_middle_change_nothing()
    {
        await using var database = await CreateAsync();
        await database.StartRelayAsync(Producer, options => (options.PageSize, options.MaxHeldRows) = (50, 100));

        for (var number = 0; number < 20; number++)
        {
            await database.AddAsync(Enumerable.Range(number * 50, 50).Select(number => $"{number % 5}:{number}"));
            await database.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{PostgreSqlRelayDatabase.RelayName}' AND datname = current_database()");
        }

        await database.UntilEmptyAsync();
        AssertOrdered(Producer.Stored.Distinct());
        Assert.Equal(1_000, Producer.Stored.Distinct().Count());
    }

    [Theory]
    [InlineData(-25)]
    [InlineData(25)]
    public async Task Clocks_of_hosts_that_differ_by_a_day_change_neither_leases_nor_when_a_row_is_due(int hours)
    {
        await using var database = await CreateAsync();
        await using (var context = database.CreateContext())
        {
            var row = RelayDatabase.Row("a", "a:in an hour");
            context.Add(new DelayedOutboxRow { Bucket = row.Bucket, Topic = row.Topic, Key = row.Key, Value = row.Value, CreatedAt = row.CreatedAt, NotBefore = DateTime.UtcNow.AddHours(1) });
            context.Add(new DelayedOutboxRow { Bucket = row.Bucket, Topic = row.Topic, Key = row.Key, Value = System.Text.Encoding.UTF8.GetBytes("a:due"), CreatedAt = row.CreatedAt, NotBefore = DateTime.UtcNow.AddMinutes(-1) });
            await context.SaveChangesAsync(Cancellation);
        }

        // So long that a machine which stands still for a few seconds takes no lease from anybody.
        var other = new ScriptedProducer();
        await database.StartRelayAsync(other, options => options.LeaseDuration = TimeSpan.FromSeconds(6));
        database.Clock = new ShiftedClock(TimeSpan.FromHours(hours));
        await database.StartRelayAsync(Producer, options => options.LeaseDuration = TimeSpan.FromSeconds(6));

        // Both have their half and keep it over a renewal, which comes every two seconds.
        await RelayDatabase.UntilAsync(async () => await database.CountAsync("(SELECT owner FROM messaging_outbox_lease WHERE slot >= 0 AND owner IS NOT NULL GROUP BY owner HAVING count(*) = 16) shares") == 2);
        var tokens = await database.CountAsync("generate_series(1, (SELECT sum(token) FROM messaging_outbox_lease))");
        await database.ExecuteAsync("CREATE TABLE renewals AS SELECT slot, expires_at FROM messaging_outbox_lease WHERE slot < 0");
        await RelayDatabase.UntilAsync(async () => await database.CountAsync("messaging_outbox_lease l JOIN renewals r USING (slot) WHERE l.expires_at > r.expires_at + interval '1.5 seconds'") == 2);
        await database.AddAsync(Enumerable.Range(0, 200).Select(number => $"{number % 50}:{number}"));
        await database.UntilEmptyAsync();

        Assert.Equal(tokens, await database.CountAsync("generate_series(1, (SELECT sum(token) FROM messaging_outbox_lease))"));
        Assert.Equal(201, Producer.Stored.Count + other.Stored.Count);
        Assert.Contains("a:due", Producer.Stored.Concat(other.Stored));
        Assert.Equal(1, await database.CountAsync("messaging_outbox_delayed"));
    }

    [Fact]
    public async Task Missing_tables_are_named_with_the_remedy_and_the_relay_goes_on_once_they_are_there()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync("ALTER TABLE messaging_outbox_parked RENAME TO elsewhere");
        var host = await database.StartRelayAsync(Producer);
        await database.AddAsync("a:1");

        var trouble = await TroubleOfAsync(host);

        Assert.Contains("messaging_outbox_parked", trouble, StringComparison.Ordinal);
        Assert.Contains("migrations add", trouble, StringComparison.Ordinal);
        Assert.Empty(Producer.Stored);
        await database.ExecuteAsync("ALTER TABLE elsewhere RENAME TO messaging_outbox_parked");
        await database.UntilEmptyAsync();
    }

    [Fact]
    public async Task While_the_database_does_not_answer_nothing_is_sent_that_could_not_be_deleted()
    {
        await using var database = await CreateAsync();
        var (attempts, isWell) = (0, false);
        Producer.Answer = _ => Interlocked.Increment(ref attempts) > 0 && Volatile.Read(ref isWell) ? RecordStatus.Acknowledged : RecordStatus.Failed;
        var host = await database.StartRelayAsync(Producer, options => (options.RetryDelay, options.MaxRetryDelay) = (TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(5)));
        await database.AddAsync("a:1");
        await RelayDatabase.UntilAsync(() => Task.FromResult(Volatile.Read(ref attempts) > 2));
        await database.ExecuteAsync("ALTER TABLE messaging_outbox RENAME TO elsewhere");
        await TroubleOfAsync(host);

        // What was on its way then is answered, as a failure, before the next look.
        await UntilFailedAgainAsync();
        Volatile.Write(ref isWell, true);
        await UntilFailedAgainAsync();
        Assert.Empty(Producer.Stored);

        await database.ExecuteAsync("ALTER TABLE elsewhere RENAME TO messaging_outbox");
        await database.UntilEmptyAsync();
        Assert.Equal(["a:1"], Producer.Stored);

        Task UntilFailedAgainAsync()
        {
            var state = host.Services.GetRequiredKeyedService<OutboxRelay>(typeof(RelayContext)).State;
            var before = state.Trouble;
            return RelayDatabase.UntilAsync(() => Task.FromResult(state.Trouble is { } trouble && trouble != before));
        }
    }

    [Fact]
    public async Task A_commit_of_another_process_wakes_the_relay_that_would_look_in_an_hour()
    {
        await using var database = await CreateAsync();
        await database.StartRelayAsync(Producer, options => (options.PollInterval, options.LeaseDuration) = (TimeSpan.FromHours(1), TimeSpan.FromHours(2)));
        var writer = await database.StartWriterAsync();
        await RelayDatabase.UntilAsync(async () => await database.CountAsync($"pg_stat_activity WHERE {Listens}") == 1);

        for (var number = 0; number < 3; number++)
        {
            await using (var scope = writer.Services.CreateAsyncScope())
            {
                var context = scope.ServiceProvider.GetRequiredService<RelayContext>();
                context.Add(RelayDatabase.Row("a", $"a:{number}"));
                await context.SaveChangesAsync(Cancellation);
            }

            await RelayDatabase.UntilAsync(() => Task.FromResult(Producer.Stored.Count == number + 1));
        }
    }

    [Fact]
    public async Task A_listener_whose_connection_ends_listens_again()
    {
        await using var database = await CreateAsync();
        await database.StartRelayAsync(Producer);
        await RelayDatabase.UntilAsync(async () => await database.CountAsync($"pg_stat_activity WHERE {Listens}") == 1);
        await database.ExecuteAsync($"CREATE TABLE former AS SELECT pid FROM pg_stat_activity WHERE {Listens}");

        await database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM former");

        await RelayDatabase.UntilAsync(async () => await database.CountAsync($"pg_stat_activity WHERE {Listens} AND pid NOT IN (SELECT pid FROM former)") == 1);
    }

    protected override async ValueTask<RelayDatabase> CreateDatabaseAsync() => new PostgreSqlRelayDatabase(await postgreSql.CreateDatabaseAsync());
}
