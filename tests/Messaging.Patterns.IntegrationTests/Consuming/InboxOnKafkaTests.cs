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
    private readonly string _control = KafkaTopics.UniqueName("control");

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

    [Theory]
    [InlineData(ProcessingOrder.PerKey, false)]
    [InlineData(ProcessingOrder.PerPartition, false)]
    [InlineData(ProcessingOrder.PerPartition, true)]
    public async Task A_group_is_rewound_exactly_and_goes_on_from_the_position_in_its_database(ProcessingOrder order, bool byPosition)
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), partitions: 2);
        await using var database = await postgreSql.CreateDatabaseAsync();
        await CreateTablesAsync(database);
        await WriteAsync(topic);

        await using (var instance = await StartAsync(topic, database, group => Remember(group.Ordered(order), byPosition)))
        {
            await UntilTalliedAsync(database, PerKey);
            var control = instance.Get<IConsumerGroupControl>();
            await control.RewindAsync(await control.PlanRewindAsync(new GroupScope(_group), RewindTarget.Beginning, Cancellation), Cancellation);
            await UntilTalliedAsync(database, 2 * PerKey);
            await UntilAllIsCommittedAsync(topic, instance);
            await instance.StopAsync();
        }

        // As from a backup that was made after the rewind, when half was handled again. What the group has committed since does not count.
        await database.ExecuteAsync("""
            DELETE FROM messaging_inbox WHERE record_offset >= 50; UPDATE messaging_inbox_position SET next_offset = 50, next_index = 0; UPDATE "Tallies" SET "Count" = "Count" - (CASE WHEN "Key" IN ('key 4', 'key 5', 'key 6', 'key 7') THEN 25 ELSE 0 END)
            """);
        await using var again = await StartAsync(topic, database, group => Remember(group.Ordered(order), byPosition));
        await UntilTalliedAsync(database, 2 * PerKey);
        await UntilAllIsCommittedAsync(topic, again);

        await using var context = new TallyContext(Options(database));
        Assert.All(await context.Tallies.ToListAsync(Cancellation), tally => Assert.Equal((2 * PerKey, 0), (tally.Count, tally.OutOfOrder)));
        Assert.Equal(byPosition ? 0 : Keys * PerKey, await context.Set<InboxRow>().CountAsync(Cancellation));
        await again.StopAsync();
    }

    [Fact]
    public async Task A_database_from_before_a_rewind_stops_the_partition_and_is_explained()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync(), partitions: 2);
        await using var database = await postgreSql.CreateDatabaseAsync();
        await CreateTablesAsync(database);
        await WriteAsync(topic);

        await using (var instance = await StartAsync(topic, database, group => Remember(group, byPosition: false)))
        {
            await UntilTalliedAsync(database, PerKey);
            var control = instance.Get<IConsumerGroupControl>();
            await control.RewindAsync(await control.PlanRewindAsync(new GroupScope(_group), RewindTarget.Beginning, Cancellation), Cancellation);
            await UntilTalliedAsync(database, 2 * PerKey);
            await instance.StopAsync();
        }

        await database.ExecuteAsync("UPDATE messaging_inbox_position SET next_offset = 50, epoch = 0");
        await using var again = await StartAsync(topic, database, group => Remember(group, byPosition: false));
        var health = await again.UntilHealthAsync(HealthStatus.Unhealthy);

        Assert.Contains("a backup was restored", health.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_inbox_that_keeps_only_positions_needs_the_order_of_partitions_and_the_control_topic()
    {
        using var topic = await CounterTopic.CreateAsync(await kafka.GetAsync());
        await using var database = await postgreSql.CreateDatabaseAsync();

        var order = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => StartAsync(topic, database, group =>
        {
            Remember(group, byPosition: true);
            group.Ordered(ProcessingOrder.PerKey);
        }));
        var control = await Assert.ThrowsAsync<MessagingException>(() => StartAsync(topic, database, group => Remember(group, byPosition: true), isControlled: false));

        Assert.Contains("must be PerPartition", order.Message, StringComparison.Ordinal);
        Assert.Contains("AddConsumerGroupControl", control.Message, StringComparison.Ordinal);
    }

    private static void Remember(KafkaConsumerGroupBuilder group, bool byPosition)
    {
        group.Handle<Counted, Tallying>();
        _ = byPosition ? group.WithInboxPosition<TallyContext>() : group.WithInbox<TallyContext>();
    }

    private static async Task UntilTalliedAsync(PostgreSqlDatabase database, int count)
    {
        await using var context = new TallyContext(Options(database));

        while (await context.Tallies.CountAsync(tally => tally.Count == count, Cancellation) < Keys)
        {
            await Task.Delay(50, Cancellation);
        }
    }

    private async Task UntilAllIsCommittedAsync(CounterTopic topic, GroupInstance instance)
    {
        var ends = await topic.EndsAsync();

        while (!ends.SequenceEqual(await topic.CommittedAsync(_group)))
        {
            var health = await instance.CheckHealthAsync();
            Assert.True(health.Status != HealthStatus.Unhealthy, $"{health.Description} {string.Join(' ', instance.Log.Entries.Where(entry => entry.Id == 1410))}");
            await Task.Delay(50, Cancellation);
        }
    }

    private Task<GroupInstance> StartAsync(CounterTopic topic, PostgreSqlDatabase database, Action<KafkaConsumerGroupBuilder> configure, bool isControlled = true) => GroupInstance.StartAsync(
        topic.Servers,
        _group,
        group => configure(group.From(topic.Name).Configure(options => options.CommitInterval = TimeSpan.FromMilliseconds(50))),
        patterns =>
        {
            patterns.Services.AddDbContext<TallyContext>(options => options.UseNpgsql(database.ConnectionString));
            patterns.AddRoute<Counted>("told", counted => "one key").AddPostgreSqlOutbox<TallyContext>();
            _ = isControlled ? patterns.AddConsumerGroupControl(options => options.Topic = _control) : patterns;
        });

    private static async Task WriteAsync(CounterTopic topic)
    {
        for (var key = 0; key < Keys; key++)
        {
            await topic.PublishAsync(key % 2, $"key {key}", Enumerable.Range(1, PerKey));
        }
    }

    private async Task HandleAllAsync(CounterTopic topic, PostgreSqlDatabase database, bool inBatches)
    {
        await using var instance = await StartAsync(
            topic, database, group => (inBatches ? group.HandleBatch<Counted, Tallying>() : group.Handle<Counted, Tallying>()).WithInbox<TallyContext>(), isControlled: false);
        await UntilAllIsCommittedAsync(topic, instance);
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
            tally.OutOfOrder += (tally.Count - 1) % PerKey == @event.Number - 1 ? 0 : 1;
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
