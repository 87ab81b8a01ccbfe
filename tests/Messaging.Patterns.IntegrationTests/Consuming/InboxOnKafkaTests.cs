using Messaging.Patterns.Consuming;
using Messaging.Patterns.EntityFrameworkCore.Inbox;
using Messaging.Patterns.EntityFrameworkCore.Outbox;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Patterns.IntegrationTests.Consuming;

/// <summary>A consumer group whose handlers work in a transaction of a PostgreSQL database.</summary>
public sealed class InboxOnKafkaTests(OneNodeKafka kafka, PostgreSqlFixture postgreSql)
{
    private const int Keys = 8;
    private const int PerKey = 25;

    private readonly string _group = KafkaTopics.UniqueName("group");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Events_that_are_delivered_again_and_again_take_effect_once(bool inBatches)
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), partitions: 2);
        await using var database = await postgreSql.CreateDatabaseAsync();
        await CreateTablesAsync(database);
        await WriteAsync(topic);

        // Copies, as a producer makes them that sends again, and then the whole topic once more, as after a lost commit.
        await WriteAsync(topic);
        await HandleAllAsync(topic, database, inBatches);
        await topic.CommitAsync(_group, 0, 0);
        await HandleAllAsync(topic, database, inBatches);

        await using var context = new TallyContext(Options(database));
        Assert.Equal(Keys * PerKey, await context.Set<InboxRow>().CountAsync(Cancellation));
        Assert.All(await context.Tallies.ToListAsync(Cancellation), tally => Assert.Equal((PerKey, 0), (tally.Count, tally.OutOfOrder)));
        var told = await context.Set<OutboxRow>().OrderBy(row => row.Id).ToListAsync(Cancellation);
        Assert.Equal(Keys * PerKey, told.Count);
    }

    private static async Task WriteAsync(CounterTopic topic)
    {
        for (var key = 0; key < Keys; key++)
        {
            await topic.PublishAsync(key % 2, $"key {key}", Enumerable.Range(1, PerKey));
        }
    }

    private async Task HandleAllAsync(CounterTopic topic, PostgreSqlDatabase database, bool inBatches)
    {
        await using var instance = await GroupInstance.StartAsync(
            topic.Servers,
            _group,
            group => (inBatches ? group.From(topic.Name).HandleBatch<Counted, Tallying>() : group.From(topic.Name).Handle<Counted, Tallying>())
                .Configure(options => options.CommitInterval = TimeSpan.FromMilliseconds(50))
                .WithInbox<TallyContext>(),
            patterns =>
            {
                patterns.Services.AddDbContext<TallyContext>(options => options.UseNpgsql(database.ConnectionString));
                patterns.AddRoute<Counted>("told", counted => "one key").AddPostgreSqlOutbox<TallyContext>();
            });
        var ends = await topic.EndsAsync();

        while (!ends.SequenceEqual(await topic.CommittedAsync(_group)))
        {
            var health = await instance.CheckHealthAsync();
            Assert.True(health.Status != HealthStatus.Unhealthy, $"{health.Description} {string.Join(' ', instance.Log.Entries.Where(entry => entry.Id == 1410))}");
            await Task.Delay(50, Cancellation);
        }

        await instance.StopAsync();
    }

    private static async Task CreateTablesAsync(PostgreSqlDatabase database)
    {
        await using var context = new TallyContext(Options(database));
        await context.Database.EnsureCreatedAsync(Cancellation);
    }

    private static DbContextOptions<TallyContext> Options(PostgreSqlDatabase database)
    {
        var options = new DbContextOptionsBuilder<TallyContext>();
        options.UseNpgsql(database.ConnectionString).UsePostgreSqlOutbox();
        return options.Options;
    }

    private sealed class Tally
    {
        public required string Key { get; init; }

        public int Count { get; set; }

        public int OutOfOrder { get; set; }
    }

    private sealed class TallyContext(DbContextOptions<TallyContext> options) : DbContext(options)
    {
        public DbSet<Tally> Tallies => Set<Tally>();

        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            modelBuilder.AddMessagingPatterns();
            modelBuilder.Entity<Tally>().HasKey(tally => tally.Key);
        }
    }

    private sealed class Tallying(TallyContext tallies) : IEventHandler<Counted>, IEventBatchHandler<Counted>
    {
        public async ValueTask HandleAsync(Counted @event, EventContext context, CancellationToken cancellationToken = default)
        {
            var key = System.Text.Encoding.UTF8.GetString(context.Key.Span);
            var tally = await tallies.Tallies.FindAsync([key], cancellationToken) ?? tallies.Tallies.Add(new Tally { Key = key }).Entity;
            tally.Count++;
            tally.OutOfOrder += tally.Count == @event.Number ? 0 : 1;
            tallies.AddOutboxEvent(@event);
        }

        public async ValueTask HandleAsync(IReadOnlyList<EventEnvelope<Counted>> events, CancellationToken cancellationToken = default)
        {
            foreach (var (one, context) in events)
            {
                await HandleAsync(one, context, cancellationToken);
            }
        }
    }
}
