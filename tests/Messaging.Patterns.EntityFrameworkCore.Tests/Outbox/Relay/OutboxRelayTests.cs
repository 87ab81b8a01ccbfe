using System.Text;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.Publishing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox.Relay;

/// <summary>What a relay does on every database, with a broker that answers as the test says.</summary>
public abstract class OutboxRelayTests
{
    private readonly ScriptedProducer _producer = new();

    internal ScriptedProducer Producer => _producer;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_committed_is_sent_in_the_order_of_its_key_and_deleted()
    {
        await using var database = await CreateAsync();
        await database.AddAsync(Enumerable.Range(0, 100).Select(number => $"{number % 7}:{number}"));
        await database.StartRelayAsync(_producer);
        await database.AddAsync(Enumerable.Range(100, 100).Select(number => $"{number % 7}:{number}"));

        await database.UntilEmptyAsync();

        Assert.Equal(200, _producer.Stored.Count);
        AssertOrdered(_producer.Stored);
    }

    [Fact]
    public async Task A_row_is_sent_as_it_is_with_trace_and_headers_and_one_without_a_value_as_a_tombstone()
    {
        await using var database = await CreateAsync();
        await using (var context = database.CreateContext())
        {
            context.AddRange(
                Row("""{"ce_traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","tenant":"ä"}""", "bare"u8.ToArray()),
                Row(null, """{"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}"""u8.ToArray()), Row(null, null));
            await context.SaveChangesAsync(Cancellation);
        }

        await database.StartRelayAsync(_producer);
        await database.UntilEmptyAsync();

        Assert.Equal(["bare", """{"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}""", "a:gone"], _producer.Stored);
        Assert.Equal(
            [
                $"content-type={CloudEventJson.ContentType} ce_traceparent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 tenant=ä",
                $"content-type={CloudEventJson.ContentType}", "",
            ],
            _producer.Records.Select(record => string.Join(' ', record.Headers.Select(header => $"{header.Name}={Encoding.UTF8.GetString(header.Value.Span)}"))));

        static OutboxRow Row(string? headers, byte[]? value) => new() { Bucket = KeyBucket.Of("a"), Topic = "topic", Key = "a", Value = value, Headers = headers, CreatedAt = DateTime.UtcNow };
    }

    [Fact]
    public async Task What_is_rolled_back_is_never_sent()
    {
        await using var database = await CreateAsync();
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
        await using var database = await CreateAsync();
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
        await using var database = await CreateAsync();
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
    public async Task A_row_whose_topic_is_missing_waits_for_it_in_the_order_of_its_key()
    {
        await using var database = await CreateAsync();
        var attempts = 0;
        _producer.Answer = text => text == "a:1" && Interlocked.Increment(ref attempts) <= 3 ? RecordStatus.NoTopic : RecordStatus.Acknowledged;
        await database.AddAsync("a:1", "a:2", "b:1");

        await database.StartRelayAsync(_producer, options => options.RetryDelay = TimeSpan.FromMilliseconds(20));
        await database.UntilEmptyAsync();

        Assert.Equal(["b:1", "a:1", "a:2"], _producer.Stored);
        Assert.Equal(0, await database.CountAsync("messaging_outbox_parked"));
    }

    [Fact]
    public async Task A_row_whose_topic_stays_missing_is_seen_while_it_waits_then_parked_and_replayed_once_the_topic_is_there()
    {
        await using var database = await CreateAsync();
        var isThere = false;
        _producer.Answer = _ => isThere ? RecordStatus.Acknowledged : RecordStatus.NoTopic;
        await database.AddAsync("a:1", "a:2");
        var options = new OutboxRelayOptions();
        var host = await database.StartRelayAsync(_producer, one => (options = one).MissingTopicTimeout = TimeSpan.FromHours(1));
        var control = host.Services.GetRequiredService<IOutboxRelay<RelayContext>>();
        var check = host.Services.GetRequiredService<HealthCheckService>();
        await RelayDatabase.UntilAsync(async () => (await check.CheckHealthAsync(Cancellation)).Entries["outbox-relay-RelayContext"].Description == "Topics do not exist: 'topic'. Their events wait; create them, or correct their names.");

        // Only now, so that it is seen however long that took. The next attempt is its last.
        options.MissingTopicTimeout = TimeSpan.Zero;
        await RelayDatabase.UntilAsync(async () => await database.CountAsync("messaging_outbox_parked") == 1);
        Assert.InRange((await control.GetParkedAsync(1, Cancellation))[0].Attempts, 2, int.MaxValue);
        isThere = true;
        Assert.Equal(2, await control.ReplayAsync("a", Cancellation));

        await database.UntilEmptyAsync();
        Assert.Equal(["a:1", "a:2"], _producer.Stored);
    }

    [Fact]
    public async Task Rows_behind_one_that_is_set_aside_follow_if_that_is_wanted()
    {
        await using var database = await CreateAsync();
        _producer.Answer = text => text == "a:2" ? RecordStatus.Refused : RecordStatus.Acknowledged;
        await database.AddAsync("a:1", "a:2", "a:3");
        await database.StartRelayAsync(_producer, options => options.OnRefused = RefusedRows.SetAside);

        await database.UntilEmptyAsync();
        await database.AddAsync("a:4");
        await database.UntilEmptyAsync();

        Assert.Equal(["a:1", "a:3", "a:4"], _producer.Stored);
    }

    [Fact]
    public async Task A_commit_wakes_the_relay_of_its_process_and_nothing_else_does()
    {
        await using var database = await CreateAsync();
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

        // Its number is given again. An outbox lets go of rows that are saved; here the test has added them itself.
        context.ChangeTracker.Clear();
        Assert.False(await work.WaitAsync(TimeSpan.Zero, Cancellation));
        await using var transaction = await context.Database.BeginTransactionAsync(Cancellation);
        context.Add(RelayDatabase.Row("a", "a:3"));
        await context.SaveChangesAsync(Cancellation);
        Assert.False(await work.WaitAsync(TimeSpan.Zero, Cancellation));
        await transaction.CommitAsync(Cancellation);
        Assert.True(await work.WaitAsync(TimeSpan.Zero, Cancellation));
    }

    [Fact]
    public async Task Rows_go_to_the_broker_that_is_named_and_one_that_is_missing_is_named_at_the_start()
    {
        await using var database = await CreateAsync();
        await database.AddAsync("a:1");
        using var faulty = database.BuildRelay(_producer, options => options.Broker = "unknown");

        Assert.Contains("broker 'unknown', which is not registered", (await Assert.ThrowsAsync<MessagingException>(() => faulty.StartAsync(Cancellation))).Message, StringComparison.Ordinal);

        await database.StartRelayAsync(_producer, options => options.Broker = "reporting", broker: "reporting");
        await database.UntilEmptyAsync();
        Assert.Equal(["a:1"], _producer.Stored);
    }

    [Fact]
    public async Task What_is_paused_sends_nothing_until_it_goes_on()
    {
        await using var database = await CreateAsync();
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
        await using var database = await CreateAsync();
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
        await using var database = await CreateAsync();
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
    public async Task Who_acts_on_an_outbox_need_not_wait_until_the_relay_has_begun_and_is_told_of_tables_that_are_missing()
    {
        await using var database = await CreateDatabaseAsync();
        using var host = database.BuildRelay(_producer);
        var control = host.Services.GetRequiredService<IOutboxRelay<RelayContext>>();
        Assert.Contains("migration", (await Assert.ThrowsAnyAsync<MessagingException>(() => control.ReplayAsync("a", Cancellation))).Message, StringComparison.Ordinal);
        await database.CreateTablesAsync();

        Assert.Empty(await control.GetParkedAsync(10, Cancellation));
        Assert.Equal(0, await control.ReplayAsync("a", Cancellation));
        Assert.False(await control.SkipAsync(1, Cancellation));
    }

    [Fact]
    public async Task A_row_that_is_not_due_waits_for_its_time_and_then_takes_its_place()
    {
        await using var database = await CreateAsync();
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

    protected static string KeyOf(string text) => text.Split(':')[0];

    protected static void AssertOrdered(IEnumerable<string> texts) => Assert.All(texts.GroupBy(KeyOf), key =>
    {
        var numbers = key.Select(text => int.Parse(text.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(numbers.Order(), numbers);
    });

    /// <summary>Waits until the health of a relay names a trouble, and returns it.</summary>
    private protected static async Task<string> TroubleOfAsync(IHost host)
    {
        var check = host.Services.GetRequiredService<HealthCheckService>();
        var entry = (await check.CheckHealthAsync(Cancellation)).Entries["outbox-relay-RelayContext"];

        while (entry.Status != HealthStatus.Unhealthy)
        {
            await Task.Delay(20, Cancellation);
            entry = (await check.CheckHealthAsync(Cancellation)).Entries["outbox-relay-RelayContext"];
        }

        return entry.Description!;
    }

    protected abstract ValueTask<RelayDatabase> CreateDatabaseAsync();

    private protected async Task<RelayDatabase> CreateAsync()
    {
        var database = await CreateDatabaseAsync();
        await database.CreateTablesAsync();
        return database;
    }
}
