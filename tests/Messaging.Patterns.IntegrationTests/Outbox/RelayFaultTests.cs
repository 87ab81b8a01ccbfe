using System.Text;
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
    private const int Interrupted = 2101;

    private readonly CapturedLog _log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _log.Dispose();

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
        await UntilAsync(() => Task.FromResult(_log.Entries.Any(entry => entry.Id == SendingFails)));
        Assert.Equal(Keys * 60, await CountWaitingAsync(host));

        await cluster.StartNodeAsync(1);
        await UntilAsync(async () => await CountWaitingAsync(host) == 0);
        await host.StopAsync(Cancellation);
        AssertSentInOrder(cluster, topic, 80);
    }

    [Fact]
    public async Task A_database_that_crashes_and_recovers_interrupts_the_relay_and_loses_nothing()
    {
        PostgreSqlFixture.RequirePrograms();
        var cluster = await kafka.GetAsync();
        var topic = await KafkaTopics.CreateAsync(cluster.BootstrapServers, "relayed", partitions: 2);
        await using var server = await PostgreSqlServer.StartAsync();
        using var host = await StartAsync(cluster, topic, server.ConnectionString);
        await WriteAsync(host, 0, 40);

        // In the middle of sending, perhaps: what was sent and not deleted is sent again.
        await server.KillAsync();
        await UntilAsync(() => Task.FromResult(_log.Entries.Any(entry => entry.Id == Interrupted)));
        await server.RestartAsync();
        await WriteAsync(host, 40, 20);

        await UntilAsync(async () => await CountWaitingAsync(host) == 0);
        await host.StopAsync(Cancellation);
        AssertSentInOrder(cluster, topic, 60);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(20, Cancellation);
        }
    }

    private static void AssertSentInOrder(KafkaCluster cluster, string topic, int perKey)
    {
        var sent = ForeignLog.Read(cluster.BootstrapServers, topic, Cancellation).GroupBy(record => Encoding.UTF8.GetString(record.Message.Key)).ToList();
        Assert.Equal(Keys, sent.Count);
        Assert.All(sent, key => Assert.Equal(Enumerable.Range(0, perKey), key.Select(NumberOf).Distinct()));
    }

    private static int NumberOf(Confluent.Kafka.ConsumeResult<byte[], byte[]> record)
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

    private async Task<IHost> StartAsync(KafkaCluster cluster, string topic, string database)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(_log);
        builder.Services.AddDbContext<RelayedContext>(options => options.UseNpgsql(database));
        builder.Services.AddKafka(options => (options.BootstrapServers, options.Producer["message.timeout.ms"]) = (cluster.BootstrapServers, "1000"))
            .AddEventType<Counted>()
            .AddRoute<Counted>(topic, _ => "")
            .AddPostgreSqlOutbox<RelayedContext>()
            .AddPostgreSqlOutboxRelay<RelayedContext>();
        var host = builder.Build();

        await using (var scope = host.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<RelayedContext>().Database.EnsureCreatedAsync(Cancellation);
        }

        await host.StartAsync(Cancellation);
        return host;
    }

    private sealed class RelayedContext(DbContextOptions<RelayedContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddMessagingPatterns();
    }
}
