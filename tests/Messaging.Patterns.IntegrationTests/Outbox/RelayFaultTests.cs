using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.IntegrationTests.Consuming;
using Messaging.Patterns.IntegrationTests.EventSourcing;
using Messaging.Patterns.Kafka;
using Messaging.Patterns.Outbox;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.IntegrationTests.Outbox;

/// <summary>A relay between a real PostgreSQL and a real Kafka, of which one goes away and comes back.</summary>
public sealed class RelayFaultTests(OwnKafka kafka, PostgreSqlFixture postgreSql) : IClassFixture<OwnKafka>, IDisposable
{
    private const int Keys = 4;
    private const int SendingFails = 2103;
    private const int TopicMissing = 2107;
    private const int Interrupted = 2101;
    private const int DatabaseRestarted = 2110;

    private readonly CapturedLog _log = new();
    private readonly FailedSends _failedSends = new(nameof(RelayedContext));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _log.Dispose();
        _failedSends.Dispose();
    }

    [Fact]
    public async Task A_backlog_that_grew_while_the_broker_was_away_is_kept_and_sent_in_order()
    {
        var cluster = await kafka.GetAsync();
        var topic = await KafkaTopics.CreateAsync(cluster.BootstrapServers, "relayed", partitions: 2);
        await using var database = await postgreSql.CreateDatabaseAsync();
        using var host = await StartAsync(cluster, topic, database.ConnectionString);
        await WriteAsync(host, 0, 20);
        await UntilAsync(async () => await CountWaitingAsync(host) == 0);

        await cluster.KillNodeAsync(1);
        await WriteAsync(host, 20, 60);
        await UntilAsync(() => Task.FromResult(Logged(SendingFails) > 0));

        // As when the broker is away for long: the client gives up every key's first row several times.
        await UntilAsync(() => Task.FromResult(_failedSends.Read() >= 3 * Keys));
        Assert.Equal(Keys * 60, await CountWaitingAsync(host));

        await cluster.StartNodeAsync(1);
        await UntilAsync(async () => await CountWaitingAsync(host) == 0);
        await host.StopAsync(Cancellation);
        AssertSentInOrder(cluster, topic, 80);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_database_that_crashes_and_recovers_interrupts_the_relay_and_loses_nothing(bool useTransactions)
    {
        PostgreSqlFixture.RequirePrograms();
        var cluster = await kafka.GetAsync();
        var topic = await KafkaTopics.CreateAsync(cluster.BootstrapServers, "relayed", partitions: 2);
        await using var server = await PostgreSqlServer.StartAsync();
        using var host = await StartAsync(cluster, topic, server.ConnectionString, useTransactions);
        await WriteAsync(host, 0, 40);

        // In the middle of sending, perhaps: what was sent and not deleted is sent again, unless it is in transactions.
        await server.KillAsync();
        await UntilAsync(() => Task.FromResult(Logged(Interrupted) > 0));
        using var later = Build(cluster, topic, server.ConnectionString, useTransactions);
        await later.StartAsync(Cancellation);
        await server.RestartAsync();
        await WriteAsync(later, 40, 20);

        await UntilAsync(async () => await CountWaitingAsync(host) == 0);
        await host.StopAsync(Cancellation);
        await later.StopAsync(Cancellation);
        AssertSentInOrder(cluster, topic, 60, useTransactions);
    }

    [Fact]
    public async Task Deletions_that_a_crash_of_the_database_takes_back_are_made_again()
    {
        PostgreSqlFixture.RequirePrograms();
        var cluster = await kafka.GetAsync();
        var topic = await KafkaTopics.CreateAsync(cluster.BootstrapServers, "relayed", partitions: 2);
        await using var server = await PostgreSqlServer.StartAsync("wal_writer_delay = 10s");
        using var host = await StartAsync(cluster, topic, server.ConnectionString);
        var written = 0;

        // Now and then the server has written them to its disk all the same. Whatever is in the topic twice was there again after it had been deleted.
        while (Read(cluster, topic).Count == Keys * written)
        {
            await WriteAsync(host, written, 10);
            written += 10;
            await UntilAsync(async () => await CountWaitingAsync(host) == 0);
            var restarts = Logged(DatabaseRestarted);

            await server.KillAsync();
            await server.RestartAsync();
            server.ForgetConnections();
            await UntilAsync(async () => Logged(DatabaseRestarted) > restarts && await CountWaitingAsync(host) == 0);
        }

        await host.StopAsync(Cancellation);
        AssertSentInOrder(cluster, topic, written);
    }

    [Fact]
    public async Task A_database_that_goes_back_gives_numbers_again_and_what_has_them_now_is_sent()
    {
        PostgreSqlFixture.RequirePrograms();
        var cluster = await kafka.GetAsync();
        var topic = await KafkaTopics.CreateAsync(cluster.BootstrapServers, "relayed", partitions: 2);
        await using var server = await PostgreSqlServer.StartAsync();
        using var host = await StartAsync(cluster, topic, server.ConnectionString);
        await WriteAsync(host, 0, 5);
        await UntilAsync(async () => await CountWaitingAsync(host) == 0);
        await server.StopAsync();
        await server.SaveAsync();
        await server.RestartAsync();
        server.ForgetConnections();

        // These are held by the relay, which cannot send, when the database loses them.
        await cluster.KillNodeAsync(1);
        await WriteAsync(host, 100, 5);
        await UntilAsync(() => Task.FromResult(_failedSends.Read() >= Keys));
        var lost = await NumbersWaitingAsync(host);
        await server.StopAsync();
        await server.GoBackAsync();
        await server.RestartAsync();
        server.ForgetConnections();

        await WriteAsync(host, 5, 5);
        Assert.Equal(lost, await NumbersWaitingAsync(host));
        await cluster.StartNodeAsync(1);
        await UntilAsync(async () => await CountWaitingAsync(host) == 0);
        await host.StopAsync(Cancellation);
        Assert.All(
            Read(cluster, topic).GroupBy(record => Encoding.UTF8.GetString(record.Message.Key)),
            key => Assert.Equal(Enumerable.Range(0, 10), key.Select(NumberOf).Distinct().Where(number => number < 100)));
    }

    [Fact]
    public async Task A_topic_that_is_created_late_is_waited_for_and_parks_nothing()
    {
        var cluster = await kafka.GetAsync();
        var topic = KafkaTopics.UniqueName("late");
        await using var database = await postgreSql.CreateDatabaseAsync();
        using var host = await StartAsync(cluster, await KafkaTopics.CreateAsync(cluster.BootstrapServers, "relayed", 1), database.ConnectionString);
        await AddAsync(host, topic, "first");
        await AddAsync(host, topic, "second");
        await UntilAsync(() => Task.FromResult(_log.Entries.Any(entry => entry.Id == TopicMissing && entry.Text.Contains(topic, StringComparison.Ordinal))));

        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = cluster.BootstrapServers }).Build();
        await admin.CreateTopicsAsync([new() { Name = topic, NumPartitions = 1 }]);

        await UntilAsync(async () => await CountWaitingAsync(host) == 0);
        await host.StopAsync(Cancellation);
        Assert.Equal(["first", "second"], ForeignLog.Read(cluster.BootstrapServers, topic, Cancellation).Select(record => Encoding.UTF8.GetString(record.Message.Value)).Distinct());
        Assert.Empty(await host.Services.GetRequiredService<IOutboxRelay<RelayedContext>>().GetParkedAsync(1, Cancellation));
    }

    [Fact]
    public async Task A_row_that_is_too_large_for_its_topic_is_parked_with_the_remedy_and_replayed_once_that_takes_it()
    {
        var cluster = await kafka.GetAsync();
        var topic = await KafkaTopics.CreateAsync(cluster.BootstrapServers, "small", 1, new() { ["max.message.bytes"] = "1000" });
        await using var database = await postgreSql.CreateDatabaseAsync();
        using var host = await StartAsync(cluster, topic, database.ConnectionString);
        var relay = host.Services.GetRequiredService<IOutboxRelay<RelayedContext>>();
        await AddAsync(host, topic, new string('x', 5_000));
        await AddAsync(host, topic, "behind");
        await UntilAsync(async () => (await relay.GetParkedAsync(1, Cancellation)).Count == 1);

        var parked = (await relay.GetParkedAsync(1, Cancellation))[0];
        Assert.StartsWith($"topic '{topic}': ", parked.Reason, StringComparison.Ordinal);
        Assert.Contains("raise max.message.bytes of the topic", parked.Reason, StringComparison.Ordinal);
        Assert.EndsWith("(MsgSizeTooLarge, 5000 bytes)", parked.Reason, StringComparison.Ordinal);

        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = cluster.BootstrapServers }).Build();
        await admin.IncrementalAlterConfigsAsync(new()
        {
            [new() { Type = ResourceType.Topic, Name = topic }] = [new() { Name = "max.message.bytes", Value = "100000", IncrementalOperation = AlterConfigOpType.Set }],
        });
        await UntilAsync(async () =>
        {
            // The broker takes a moment to heed it.
            await relay.ReplayAsync("key", Cancellation);
            return await CountWaitingAsync(host) == 0 && (await relay.GetParkedAsync(1, Cancellation)).Count == 0;
        });

        await host.StopAsync(Cancellation);
        Assert.Equal([5_000, 6], ForeignLog.Read(cluster.BootstrapServers, topic, Cancellation).Select(record => record.Message.Value.Length).Distinct());
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(20, Cancellation);
        }
    }

    private static void AssertSentInOrder(KafkaCluster cluster, string topic, int perKey, bool isOnce = false)
    {
        var sent = Read(cluster, topic).GroupBy(record => Encoding.UTF8.GetString(record.Message.Key)).ToList();
        Assert.Equal(Keys, sent.Count);
        Assert.All(sent, key => Assert.Equal(Enumerable.Range(0, perKey), isOnce ? key.Select(NumberOf) : key.Select(NumberOf).Distinct()));
    }

    private static IReadOnlyList<ConsumeResult<byte[], byte[]>> Read(KafkaCluster cluster, string topic) => [.. ForeignLog.Read(cluster.BootstrapServers, topic, Cancellation)];

    private int Logged(int id) => _log.Entries.Count(entry => entry.Id == id);

    private static int NumberOf(ConsumeResult<byte[], byte[]> record)
    {
        using var json = System.Text.Json.JsonDocument.Parse(record.Message.Value);
        return json.RootElement.GetProperty("data").GetProperty("number").GetInt32();
    }

    // Each event in a transaction of its own key, as fast as they come.
    private static Task WriteAsync(IHost host, int first, int count) => Task.WhenAll(Enumerable.Range(0, Keys).Select(async key =>
    {
        foreach (var number in Enumerable.Range(first, count))
        {
            await using var scope = host.Services.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<RelayedContext>();
            context.AddOutboxEvent(new Counted(number), new OutboxEventOptions { Key = $"key {key}" });
            await context.SaveChangesAsync(Cancellation);
        }
    }));

    private static async Task<int> CountWaitingAsync(IHost host)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<RelayedContext>().Set<OutboxRow>().CountAsync(Cancellation);
    }

    private static async Task<List<long>> NumbersWaitingAsync(IHost host)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<RelayedContext>().Set<OutboxRow>().Select(row => row.Id).Order().ToListAsync(Cancellation);
    }

    // A row as it is, for a topic that no route knows.
    private static async Task AddAsync(IHost host, string topic, string value)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<RelayedContext>();
        context.Add(new OutboxRow { Bucket = KeyBucket.Of("key"), Topic = topic, Key = "key", Value = Encoding.UTF8.GetBytes(value), CreatedAt = DateTime.UtcNow });
        await context.SaveChangesAsync(Cancellation);
    }

    private async Task<IHost> StartAsync(KafkaCluster cluster, string topic, string database, bool useTransactions = false)
    {
        var host = Build(cluster, topic, database, useTransactions);

        await using (var scope = host.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<RelayedContext>().Database.EnsureCreatedAsync(Cancellation);
        }

        await host.StartAsync(Cancellation);
        return host;
    }

    private IHost Build(KafkaCluster cluster, string topic, string database, bool useTransactions)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(_log);
        builder.Services.AddDbContext<RelayedContext>(options => options.UseNpgsql(database));
        builder.Services.AddKafka(options =>
            {
                options.BootstrapServers = cluster.BootstrapServers;
                (options.Producer["message.timeout.ms"], options.Producer["topic.metadata.propagation.max.ms"]) = ("1000", "500");
            })
            .AddEventType<Counted>()
            .AddRoute<Counted>(topic, _ => "")
            .AddPostgreSqlOutbox<RelayedContext>(options => options.VerifyTables = false)
            .AddPostgreSqlOutboxRelay<RelayedContext>(options => options.UseTransactions = useTransactions);
        return builder.Build();
    }

    private sealed class RelayedContext(DbContextOptions<RelayedContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddMessagingPatterns();
    }
}
