using Messaging.Patterns.Benchmarks.Baselines;
using Messaging.Patterns.CloudEvents;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.Kafka.Consuming;
using Messaging.Patterns.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Benchmarks.Harness;

/// <summary>A PostgreSQL with an inbox, into which all events of a topic are written, by a consumer group or by hand.</summary>
internal sealed class InboxHost : IAsyncDisposable
{
    private readonly BenchmarkRun _run;
    private readonly DurableDatabase _database;

    private InboxHost(BenchmarkRun run, DurableDatabase database) => (_run, _database) = (run, database);

    public static async Task<InboxHost> CreateAsync(BenchmarkRun run)
    {
        var inbox = new InboxHost(run, await DurableDatabase.CreateAsync());
        using var host = DatabaseHost.Build(inbox.AddContext);
        await host.CreateTablesAsync<InboxContext>();
        return inbox;
    }

    /// <summary>Lets a group handle a topic by a handler that does nothing, of single events and of batches.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="records">How many events it holds.</param>
    /// <param name="handle">Adds <see cref="EmptyHandler"/> to the group.</param>
    public Task<Sample> HandleAsync(string topic, int records, Action<KafkaConsumerGroupBuilder> handle)
    {
        var counting = new Counting(records);
        return FillAsync(records, () => GroupHost.RunAsync(_run, topic, counting, group =>
        {
            AddContext(((IConsumerGroupBuilder)group).Services.AddSingleton(counting));
            handle(group);
            group.WithInbox<InboxContext>();
        }));
    }

    /// <summary>Reads a topic with a <c>Consume</c> loop and the library's deserializer, and inserts the rows that the library would.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="records">How many events it holds: a multiple of the next.</param>
    /// <param name="batchSize">How many of them are inserted together.</param>
    public async Task<Sample> InsertAsync(string topic, int records, int batchSize)
    {
        await using var services = new ServiceCollection().AddMessagingPatterns().AddEventType<OrderPlaced>().Services.BuildServiceProvider();
        var codec = services.GetRequiredService<EventCodec>();
        using var inbox = new RawInbox(_database.ConnectionString, batchSize);
        return await FillAsync(records, () => RawConsumer.RunAsync(_run, topic, new(records), result =>
        {
            var cloudEvent = CloudEventJson.Read(result.Message.Value);
            codec.Decode(cloudEvent.Type, cloudEvent.DataContentType, cloudEvent.Data);
            inbox.Add(result, cloudEvent);
        }));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private void AddContext(IServiceCollection services) => services.AddDbContextPool<InboxContext>(options => options.UseNpgsql(_database.ConnectionString));

    // What was not written down would not be worth measuring.
    private async Task<Sample> FillAsync(int records, Func<Task<Sample>> fill)
    {
        await _database.ExecuteAsync("TRUNCATE messaging_inbox");
        var sample = await fill();
        var count = await _database.CountAsync("messaging_inbox");
        return count == records ? sample : throw new InvalidOperationException($"The inbox has {count} events of {records}.");
    }

    private sealed class InboxContext(DbContextOptions<InboxContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddMessagingPatterns();
    }
}
