using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.Outbox.Relay;

/// <summary>A relay that sends in transactions, with a broker that does as the test says.</summary>
public sealed class TransactionRelayTests(PostgreSqlFixture postgreSql)
{
    private readonly ScriptedTransactions _broker = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_of_a_key_go_together_in_their_order_and_each_once()
    {
        await using var database = await CreateAsync();
        await database.AddAsync(Enumerable.Range(0, 500).Select(number => $"{number % 2}:{number}"));

        await database.StartRelayAsync(_broker, Configure);
        await database.UntilEmptyAsync();

        Assert.All(_broker.Stored.GroupBy(text => text[0]), key => Assert.Equal(Enumerable.Range(0, 500).Where(number => number % 2 == key.Key - '0'), key.Select(NumberOf)));
        Assert.True(_broker.Sizes.Max() > 100, $"The largest transaction had {_broker.Sizes.Max()} rows.");
    }

    [Fact]
    public async Task A_row_that_is_refused_among_others_is_found_and_parked_alone()
    {
        await using var database = await CreateAsync();
        _broker.Answer = texts => texts.Contains("a:30") ? Refused(Enumerable.Range(0, texts.Count)) : new(TransactionStatus.Committed);
        await database.AddAsync(Enumerable.Range(0, 60).Select(number => $"{(number % 2 == 0 ? "a" : "b")}:{number}"));

        var host = await database.StartRelayAsync(_broker, Configure);
        var relay = host.Services.GetRequiredService<IOutboxRelay<RelayContext>>();
        await RelayDatabase.UntilAsync(async () => await database.CountAsync("messaging_outbox_parked") == 1 && await database.CountAsync("messaging_outbox") == 14);

        Assert.Equal("a", (await relay.GetParkedAsync(1, Cancellation))[0].Key);
        Assert.Equal(Enumerable.Range(0, 15).Select(number => $"a:{2 * number}"), _broker.Stored.Where(text => text[0] == 'a'));
        Assert.Equal(Enumerable.Range(0, 30).Select(number => $"b:{(2 * number) + 1}"), _broker.Stored.Where(text => text[0] == 'b'));

        _broker.Answer = _ => new(TransactionStatus.Committed);
        Assert.Equal(15, await relay.ReplayAsync("a", Cancellation));
        await database.UntilEmptyAsync();
        Assert.Equal(Enumerable.Range(0, 30).Select(number => $"a:{2 * number}"), _broker.Stored.Where(text => text[0] == 'a'));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_commit_that_was_not_answered_nothing_is_doubled_or_lost(bool isCommitted)
    {
        await using var database = await CreateAsync();
        var sends = 0;
        _broker.CommitsUnanswered = isCommitted;
        _broker.Answer = _ => new(Interlocked.Increment(ref sends) % 3 == 1 ? TransactionStatus.Unknown : TransactionStatus.Committed, "no answer");
        await database.StartRelayAsync(_broker, options =>
        {
            Configure(options);
            (options.MaxRowsPerTransaction, options.RetryDelay) = (7, TimeSpan.FromMilliseconds(10));
        });
        await database.AddAsync(Enumerable.Range(0, 100).Select(number => $"a:{number}"));

        await database.UntilEmptyAsync();

        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"a:{number}"), _broker.Stored);
    }

    [Fact]
    public async Task Whoever_is_fenced_asks_for_its_leases_and_goes_on_without_doubling()
    {
        await using var database = await CreateAsync();
        var host = await database.StartRelayAsync(_broker, Configure);
        await database.AddAsync("a:0");
        await database.UntilEmptyAsync();

        // As another instance would that came back from a pause.
        foreach (var range in Enumerable.Range(0, 32))
        {
            await _broker.OpenAsync(new("outbox", range, 32), Cancellation);
        }

        await database.AddAsync(Enumerable.Range(1, 50).Select(number => $"a:{number}"));
        await database.UntilEmptyAsync();

        Assert.Equal(Enumerable.Range(0, 51).Select(number => $"a:{number}"), _broker.Stored);
        Assert.Equal(HealthStatus.Healthy, (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation)).Status);
    }

    [Fact]
    public async Task Rows_that_were_sent_and_not_deleted_are_deleted_by_the_next_relay_and_not_sent_again()
    {
        await using var database = await CreatePostgreSqlAsync();
        await database.AddAsync(Enumerable.Range(0, 40).Select(number => $"{number % 4}:{number}"));

        await using (var other = database.CreateContext())
        {
            // Nobody deletes while this transaction has the rows.
            await using var transaction = await other.Database.BeginTransactionAsync(Cancellation);
            await other.Set<OutboxRow>().FromSqlRaw("SELECT * FROM messaging_outbox FOR UPDATE").ToListAsync(Cancellation);
            var former = await database.StartRelayAsync(_broker, options =>
            {
                options.UseTransactions = true;
                options.DrainTimeout = TimeSpan.Zero;
            });
            await RelayDatabase.UntilAsync(() => Task.FromResult(_broker.Stored.Count == 40));
            await former.StopAsync(Cancellation);
        }

        Assert.Equal(40, await database.CountAsync("messaging_outbox"));
        await database.AddAsync("0:40");
        await database.StartRelayAsync(_broker, options => options.UseTransactions = true);
        await database.UntilEmptyAsync();

        Assert.Equal(Enumerable.Range(0, 41), _broker.Stored.Select(NumberOf).Order());
    }

    [Fact]
    public async Task On_PostgreSQL_ids_are_those_of_the_table_for_all_processes_and_others_elsewhere()
    {
        await using var database = await CreatePostgreSqlAsync();
        await using var elsewhere = await CreatePostgreSqlAsync();
        await database.StartRelayAsync(_broker, options => options.UseTransactions = true);
        await database.AddAsync("a:0");
        await database.UntilEmptyAsync();
        Assert.All(_broker.Ids, id => Assert.Matches(@"^messaging-outbox-\d+-\d+-\d+-\d+$", id));
        var ids = _broker.Ids.Order().ToList();
        Assert.Equal(32, ids.Count);

        await database.StartRelayAsync(_broker, options => options.UseTransactions = true);
        await database.AddAsync("a:1");
        await database.UntilEmptyAsync();
        Assert.Equal(ids, _broker.Ids.Order());

        await elsewhere.StartRelayAsync(_broker, options => options.UseTransactions = true);
        await elsewhere.AddAsync("a:2");
        await elsewhere.UntilEmptyAsync();
        Assert.Equal(64, _broker.Ids.Count);
    }

    [Fact]
    public async Task While_ids_cannot_be_taken_over_rows_wait_and_health_says_so()
    {
        await using var database = await CreateAsync();
        _broker.Refusal = "no coordinator";
        await database.AddAsync("a:0");
        var host = await database.StartRelayAsync(_broker, Configure);
        var check = host.Services.GetRequiredService<HealthCheckService>();
        await RelayDatabase.UntilAsync(async () => (await check.CheckHealthAsync(Cancellation)).Entries["outbox-relay-RelayContext"].Description == "The broker does not take events; they wait.");

        _broker.Refusal = null;
        await database.UntilEmptyAsync();
        await RelayDatabase.UntilAsync(async () => (await check.CheckHealthAsync(Cancellation)).Status == HealthStatus.Healthy);
    }

    [Fact]
    public async Task Settings_that_cannot_be_are_refused_at_the_start()
    {
        await using var database = await CreateAsync();

        Assert.Contains("TransactionalIdPrefix must be set where UseTransactions is", await FaultAsync(options => options.UseTransactions = true), StringComparison.Ordinal);
        Assert.Contains("must be 1 to 200 letters, digits, '.', '_' and '-', but is 'a b'", await FaultAsync(options => (options.UseTransactions, options.TransactionalIdPrefix) = (true, "a b")), StringComparison.Ordinal);
        Assert.Contains("is set, but UseTransactions is not", await FaultAsync(options => options.TransactionalIdPrefix = "a"), StringComparison.Ordinal);
        Assert.Contains("MaxRowsPerTransaction", await FaultAsync(options => options.MaxRowsPerTransaction = 0), StringComparison.Ordinal);

        async Task<string> FaultAsync(Action<OutboxRelayOptions> configure)
        {
            using var host = database.BuildRelay(_broker, configure);
            return (await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation))).Message;
        }
    }

    private static int NumberOf(string text) => int.Parse(text[2..], System.Globalization.CultureInfo.InvariantCulture);

    private static TransactionOutcome Refused(IEnumerable<int> places) =>
        new(TransactionStatus.Aborted, "refused") { Blamed = places.ToDictionary(place => place, _ => new RecordOutcome(RecordStatus.Refused, "refused")) };

    private static void Configure(OutboxRelayOptions options) => (options.UseTransactions, options.TransactionalIdPrefix) = (true, "outbox");

    private static async Task<RelayDatabase> CreateAsync()
    {
        var database = new SqliteRelayDatabase();
        await database.CreateTablesAsync();
        return database;
    }

    private async Task<RelayDatabase> CreatePostgreSqlAsync()
    {
        var database = new PostgreSqlRelayDatabase(await postgreSql.CreateDatabaseAsync());
        await database.CreateTablesAsync();
        return database;
    }
}
