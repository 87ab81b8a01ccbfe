using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox.Relay;

/// <summary>The relay on a real PostgreSQL, with a broker that answers as the test says.</summary>
public sealed class PostgreSqlRelayTests(PostgreSqlFixture postgreSql)
{
    private readonly ScriptedProducer _producer = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_committed_is_sent_in_the_order_of_its_key_and_deleted()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        await database.AddAsync(Enumerable.Range(0, 100).Select(number => $"{number % 7}:{number}"));
        await database.StartRelayAsync(_producer);
        await database.AddAsync(Enumerable.Range(100, 100).Select(number => $"{number % 7}:{number}"));

        await database.UntilEmptyAsync();

        Assert.Equal(200, _producer.Stored.Count);
        AssertOrdered(_producer.Stored);
    }

    [Fact]
    public async Task A_row_of_a_transaction_that_commits_late_is_sent_although_later_ones_are_long_gone()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        await database.StartRelayAsync(_producer);
        await using var late = database.CreateContext();
        await using var transaction = await late.Database.BeginTransactionAsync(Cancellation);
        late.Add(RelayDatabase.Row("late", "late:1"));
        await late.SaveChangesAsync(Cancellation);

        foreach (var number in Enumerable.Range(0, 10))
        {
            await database.AddAsync($"other:{number}");
            await RelayDatabase.UntilAsync(() => Task.FromResult(_producer.Stored.Count == number + 1));
        }

        await transaction.CommitAsync(Cancellation);

        await database.UntilEmptyAsync();
        Assert.Equal("late:1", _producer.Stored[^1]);
    }

    [Fact]
    public async Task What_is_rolled_back_is_never_sent()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        await database.StartRelayAsync(_producer);

        await using (var context = database.CreateContext())
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
            context.Add(RelayDatabase.Row("a", "a:rolled back"));
            await context.SaveChangesAsync(Cancellation);
        }

        await database.AddAsync("a:1");
        await database.UntilEmptyAsync();

        Assert.Equal(["a:1"], _producer.Stored);
    }

    [Fact]
    public async Task A_send_that_fails_holds_back_its_key_alone_and_is_repeated()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        var failures = 0;
        _producer.Answer = text => text == "a:0" && Interlocked.Increment(ref failures) <= 5 ? failures % 2 == 0 ? RecordStatus.Unknown : RecordStatus.Failed : RecordStatus.Acknowledged;
        await database.AddAsync(Enumerable.Range(0, 20).Select(number => $"{(number % 2 == 0 ? "a" : "b")}:{number}"));

        await database.StartRelayAsync(_producer, options => options.RetryDelay = TimeSpan.FromMilliseconds(20));

        await database.UntilEmptyAsync();
        AssertOrdered(_producer.Stored);
        Assert.True(_producer.Stored.ToList().IndexOf("a:0") >= 10, "The other key waited.");
    }

    [Fact]
    public async Task A_row_that_can_never_be_sent_parks_its_key_alone_with_the_reason()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        _producer.Answer = text => text == "a:2" ? RecordStatus.Refused : RecordStatus.Acknowledged;
        await database.AddAsync("a:1", "a:2", "a:3", "b:1", "b:2");
        await database.StartRelayAsync(_producer);

        await RelayDatabase.UntilAsync(async () => await database.CountAsync("messaging_outbox_parked") == 1 && await database.CountAsync("messaging_outbox") == 1);
        await database.AddAsync("a:4", "b:3");
        await RelayDatabase.UntilAsync(async () => await database.CountAsync("messaging_outbox") == 2);

        Assert.Equal(["a:1", "b:1", "b:2", "b:3"], _producer.Stored.Order());
        await using var context = database.CreateContext();
        var parked = await context.Set<ParkedOutboxRow>().SingleAsync(Cancellation);
        Assert.Equal(("a", "topic 'topic': scripted", 1), (parked.Key, parked.Reason, parked.Attempts));
    }

    [Fact]
    public async Task Rows_behind_one_that_is_set_aside_follow_if_that_is_wanted()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        _producer.Answer = text => text == "a:2" ? RecordStatus.Refused : RecordStatus.Acknowledged;
        await database.AddAsync("a:1", "a:2", "a:3");
        await database.StartRelayAsync(_producer, options => options.OnRefused = RefusedRows.SetAside);

        await database.UntilEmptyAsync();
        await database.AddAsync("a:4");
        await database.UntilEmptyAsync();

        Assert.Equal(["a:1", "a:3", "a:4"], _producer.Stored);
    }

    [Fact]
    public async Task Two_instances_share_the_keys_and_repeat_nothing()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        var other = new ScriptedProducer();
        await database.StartRelayAsync(_producer);
        await database.StartRelayAsync(other);
        await RelayDatabase.UntilAsync(async () => await database.CountAsync("(SELECT owner FROM messaging_outbox_lease WHERE slot >= 0 AND owner IS NOT NULL GROUP BY owner HAVING count(*) = 16) shares") == 2);

        await database.AddAsync(Enumerable.Range(0, 1_000).Select(number => $"{number % 50}:{number}"));
        await database.UntilEmptyAsync();

        Assert.Equal(1_000, _producer.Stored.Concat(other.Stored).Distinct().Count());
        Assert.Equal(1_000, _producer.Stored.Count + other.Stored.Count);
        Assert.Empty(_producer.Stored.Select(KeyOf).Intersect(other.Stored.Select(KeyOf)));
        Assert.NotEmpty(_producer.Stored);
        Assert.NotEmpty(other.Stored);
    }

    [Fact]
    public async Task An_instance_that_stops_gives_its_keys_back_at_once()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        var first = await database.StartRelayAsync(new ScriptedProducer(), options => options.LeaseDuration = TimeSpan.FromHours(1));
        await RelayDatabase.UntilAsync(async () => await database.CountAsync("messaging_outbox_lease WHERE owner IS NOT NULL AND slot >= 0") == 32);
        await first.StopAsync(Cancellation);

        await database.StartRelayAsync(_producer);
        await database.AddAsync("a:1");

        await database.UntilEmptyAsync();
        Assert.Equal(["a:1"], _producer.Stored);
    }

    [Fact]
    public async Task The_keys_of_an_instance_that_ended_without_a_word_are_taken_over()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        await (await database.StartRelayAsync(new ScriptedProducer())).StopAsync(Cancellation);

        // As if somebody else, who is gone, had them all.
        await database.ExecuteAsync("UPDATE messaging_outbox_lease SET owner = 'gone', token = token + 1, expires_at = now() + interval '1 second' WHERE slot >= 0");
        await database.StartRelayAsync(_producer);
        await database.AddAsync(Enumerable.Range(0, 50).Select(number => $"{number}:{number}"));

        await database.UntilEmptyAsync();
        Assert.Equal(50, _producer.Stored.Count);
    }

    [Fact]
    public async Task Connections_that_end_in_the_middle_change_nothing()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        await database.StartRelayAsync(_producer, options => (options.PageSize, options.MaxHeldRows) = (50, 100));

        for (var number = 0; number < 20; number++)
        {
            await database.AddAsync(Enumerable.Range(number * 50, 50).Select(number => $"{number % 5}:{number}"));
            await database.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{RelayDatabase.RelayName}' AND datname = current_database()");
        }

        await database.UntilEmptyAsync();
        AssertOrdered(_producer.Stored.Distinct());
        Assert.Equal(1_000, _producer.Stored.Distinct().Count());
    }

    [Fact]
    public async Task A_commit_wakes_the_relay_of_its_process_and_nothing_else_does()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        using var host = database.BuildRelay(_producer);
        var work = host.Services.GetRequiredKeyedService<OutboxSignal>(typeof(RelayContext));
        await using var scope = host.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<RelayContext>();

        await context.SaveChangesAsync(Cancellation);
        Assert.False(await work.WaitAsync(TimeSpan.Zero, Cancellation));

        context.Add(RelayDatabase.Row("a", "a:1"));
        await context.SaveChangesAsync(Cancellation);
        Assert.True(await work.WaitAsync(TimeSpan.Zero, Cancellation));

        await using (var rolledBack = await context.Database.BeginTransactionAsync(Cancellation))
        {
            context.Add(RelayDatabase.Row("a", "a:2"));
            await context.SaveChangesAsync(Cancellation);
        }

        Assert.False(await work.WaitAsync(TimeSpan.Zero, Cancellation));
        await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
        context.Add(RelayDatabase.Row("a", "a:3"));
        await context.SaveChangesAsync(Cancellation);
        Assert.False(await work.WaitAsync(TimeSpan.Zero, Cancellation));
        await transaction.CommitAsync(Cancellation);
        Assert.True(await work.WaitAsync(TimeSpan.Zero, Cancellation));
    }

    [Fact]
    public async Task What_is_paused_sends_nothing_until_it_goes_on()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        var control = (await database.StartRelayAsync(_producer)).Services.GetRequiredService<IOutboxRelay<RelayContext>>();
        control.Pause();
        await database.AddAsync("a:1");
        await RelayDatabase.UntilAsync(() => Task.FromResult(control.Held == 1));
        Assert.Empty(_producer.Stored);

        control.Resume();

        await database.UntilEmptyAsync();
        Assert.Equal(["a:1"], _producer.Stored);
    }

    [Fact]
    public async Task A_parked_key_is_replayed_in_its_order_with_what_waited_behind()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        var isCorrected = false;
        _producer.Answer = text => text == "a:2" && !isCorrected ? RecordStatus.Refused : RecordStatus.Acknowledged;
        var control = (await database.StartRelayAsync(_producer)).Services.GetRequiredService<IOutboxRelay<RelayContext>>();
        await database.AddAsync("a:1", "a:2", "a:3");
        await RelayDatabase.UntilAsync(async () => await database.CountAsync("messaging_outbox_parked") == 1);
        await database.AddAsync("a:4");

        isCorrected = true;
        var parked = Assert.Single(await control.GetParkedAsync(10, Cancellation));
        Assert.Equal(("a", "topic", 1), (parked.Key, parked.Topic, parked.Attempts));
        Assert.Equal(3, await control.ReplayAsync("a", Cancellation));

        await database.UntilEmptyAsync();
        Assert.Equal(["a:1", "a:2", "a:3", "a:4"], _producer.Stored);
        Assert.Empty(await control.GetParkedAsync(10, Cancellation));
    }

    [Fact]
    public async Task A_parked_row_that_is_skipped_lets_those_behind_it_go()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        _producer.Answer = text => text == "a:1" ? RecordStatus.Refused : RecordStatus.Acknowledged;
        var control = (await database.StartRelayAsync(_producer)).Services.GetRequiredService<IOutboxRelay<RelayContext>>();
        await database.AddAsync("a:1", "a:2", "a:3");
        await RelayDatabase.UntilAsync(async () => await database.CountAsync("messaging_outbox_parked") == 1);

        Assert.True(await control.SkipAsync((await control.GetParkedAsync(10, Cancellation))[0].Id, Cancellation));

        await database.UntilEmptyAsync();
        Assert.Equal(["a:2", "a:3"], _producer.Stored);
        Assert.False(await control.SkipAsync(1, Cancellation));
    }

    [Fact]
    public async Task Missing_tables_are_named_with_the_remedy_and_the_relay_goes_on_once_they_are_there()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        await database.ExecuteAsync("ALTER TABLE messaging_outbox_parked RENAME TO elsewhere");
        var host = await database.StartRelayAsync(_producer);
        var check = host.Services.GetRequiredService<HealthCheckService>();
        await database.AddAsync("a:1");

        var entry = (await check.CheckHealthAsync(Cancellation)).Entries["outbox-relay-RelayContext"];

        while (entry.Status != HealthStatus.Unhealthy)
        {
            await Task.Delay(20, Cancellation);
            entry = (await check.CheckHealthAsync(Cancellation)).Entries["outbox-relay-RelayContext"];
        }

        Assert.Contains("messaging_outbox_parked", entry.Description, StringComparison.Ordinal);
        Assert.Contains("migrations add", entry.Description, StringComparison.Ordinal);
        Assert.Empty(_producer.Stored);
        await database.ExecuteAsync("ALTER TABLE elsewhere RENAME TO messaging_outbox_parked");
        await database.UntilEmptyAsync();
    }

    [Fact]
    public async Task A_row_that_is_not_due_waits_for_its_time_and_then_takes_its_place()
    {
        await using var database = await RelayDatabase.CreateAsync(postgreSql);
        await database.StartRelayAsync(_producer);

        await using (var context = database.CreateContext())
        {
            foreach (var (text, delay) in new[] { ("a:later", 1.5), ("a:soon", 0.1) })
            {
                var row = RelayDatabase.Row("a", text);
                context.Add(new DelayedOutboxRow { Bucket = row.Bucket, Topic = row.Topic, Key = row.Key, Value = row.Value, CreatedAt = row.CreatedAt, NotBefore = DateTime.UtcNow.AddSeconds(delay) });
            }

            await context.SaveChangesAsync(Cancellation);
        }

        await database.AddAsync("a:now");
        await RelayDatabase.UntilAsync(() => Task.FromResult(_producer.Stored.Count == 3));

        Assert.Equal(["a:now", "a:soon", "a:later"], _producer.Stored);
    }

    private static string KeyOf(string text) => text.Split(':')[0];

    private static void AssertOrdered(IEnumerable<string> texts) => Assert.All(texts.GroupBy(KeyOf), key =>
    {
        var numbers = key.Select(text => int.Parse(text.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(numbers.Order(), numbers);
    });
}
