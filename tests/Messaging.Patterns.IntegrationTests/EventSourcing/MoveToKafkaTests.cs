using System.Diagnostics;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>A service moves its events from PostgreSQL to Kafka while it works, and the copy ends and begins again meanwhile.</summary>
public sealed class MoveToKafkaTests(OneNodeKafka kafka, PostgreSqlFixture postgreSql)
{
    // What the process that is killed is told.
    private const string Servers = "KILLED_MOVER_SERVERS";
    private const string Topic = "KILLED_MOVER_TOPIC";
    private const string Database = "KILLED_MOVER_DATABASE";
    private const string Files = "KILLED_MOVER_FILES";

    private const int Streams = 12;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_that_is_written_to_is_moved_with_its_versions_although_the_copy_and_its_process_end_in_between()
    {
        var servers = await kafka.GetAsync();
        await using var database = await postgreSql.CreateDatabaseAsync();
        using var service = await StartServiceAsync(database.ConnectionString);
        var writing = Enumerable.Range(0, 3).Select(writer => Task.Run(() => WriteUntilSealedAsync(service, writer), Cancellation)).ToList();
        var (feed, setup) = (service.Services.GetRequiredService<IEventFeed>(), SetupOf(servers));
        await CopyUntilKilledAsync(setup, database.ConnectionString, 30);

        // Each copy is in a process of its own, which knows nothing of the one before.
        foreach (var (appends, layout) in new[] { (1, LogLayout.CloudEvents), (60, LogLayout.Binary) })
        {
            await using var interrupted = await StoreInstance.StartAsync(setup with { Writer = writer => writer.Layout = layout });
            await CopyAsync(feed, interrupted.Store, appends);
        }

        await using var instance = await StoreInstance.StartAsync(setup);
        var copied = await feed.CopyToAsync(instance.Store, cancellationToken: Cancellation);
        Assert.True(copied.AlreadyThere > 0);
        await SealAsync(service);
        copied = await feed.CopyToAsync(instance.Store, new() { After = copied.Position }, Cancellation);

        var written = (await Task.WhenAll(writing)).Sum();
        var comparison = await feed.CompareToAsync(instance.Store, cancellationToken: Cancellation);
        Assert.Empty(comparison.Differences);
        Assert.Equal((Streams, written), (comparison.Streams, comparison.Progress.Events));
        Assert.Equal(copied.Position, comparison.Progress.Position);

        // Read anew from Kafka, and the service goes on where it was.
        await using var reader = await StoreInstance.StartAsync(setup);
        Assert.True((await feed.CompareToAsync(reader.Store, cancellationToken: Cancellation)).IsEqual);
        var stream = new StreamId("note", "0");
        var events = await service.Services.GetRequiredService<IEventStore>().ReadStreamAsync(stream, cancellationToken: Cancellation).ToListAsync(Cancellation);
        var moved = await reader.Store.ReadStreamAsync(stream, cancellationToken: Cancellation).ToListAsync(Cancellation);
        Assert.Equal(events.Select(one => one.Trace.TraceId), moved.Select(one => one.Trace.TraceId));
        Assert.Contains(events, one => one.Trace.TraceId != default);
        Assert.Contains(events, one => one.Trace.TraceId == default);
        var versions = events.Count;
        Assert.Equal(versions + 1, (await reader.Store.AppendAsync(stream, ExpectedVersion.Exactly(versions), Noted.One("on Kafka"), cancellationToken: Cancellation)).Version);
        Assert.Equal("no event", Assert.Single((await feed.CompareToAsync(reader.Store, cancellationToken: Cancellation)).Differences).Expected);
    }

    // Not a test: what the process of the test above runs, until it is killed.
    [Fact(Explicit = true)]
    public async Task The_mover_that_is_killed()
    {
        using var service = await StartServiceAsync(Environment.GetEnvironmentVariable(Database)!);
        var setup = SetupOf(Environment.GetEnvironmentVariable(Servers)!, Environment.GetEnvironmentVariable(Topic));
        await using var instance = await StoreInstance.StartAsync(setup with { Folder = Environment.GetEnvironmentVariable(Files) });

        while (true)
        {
            await service.Services.GetRequiredService<IEventFeed>().CopyToAsync(instance.Store, new() { MaxInFlight = 8 }, Cancellation);
        }
    }

    [Fact]
    public async Task What_is_in_the_topic_already_is_named()
    {
        var servers = await kafka.GetAsync();
        await using var database = await postgreSql.CreateDatabaseAsync();
        using var service = await StartServiceAsync(database.ConnectionString);
        await service.Services.GetRequiredService<IEventStore>().AppendAsync(new StreamId("note", "a"), ExpectedVersion.NoStream, Noted.One("database"), cancellationToken: Cancellation);
        await service.Services.GetRequiredService<IEventStore>().AppendAsync(new StreamId("other", "b"), ExpectedVersion.NoStream, Noted.One("database"), cancellationToken: Cancellation);
        await using var instance = await StoreInstance.StartAsync(SetupOf(servers));
        await instance.Store.AppendAsync(new StreamId("note", "a"), ExpectedVersion.NoStream, Noted.One("Kafka"), cancellationToken: Cancellation);
        var feed = service.Services.GetRequiredService<IEventFeed>();

        var foreign = await Assert.ThrowsAsync<EventCopyException>(() => feed.CopyToAsync(instance.Store, new() { Includes = stream => stream.Category == "note" }, Cancellation));
        var unknown = await Assert.ThrowsAsync<EventCopyException>(() => feed.CopyToAsync(instance.Store, new() { Includes = stream => stream.Category == "other" }, Cancellation));

        Assert.StartsWith("Cannot copy stream 'note-a', version 1: expected event '", foreign.Message, StringComparison.Ordinal);
        Assert.StartsWith("Cannot copy stream 'other-b', version 1: expected append ", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("'other'", unknown.Message, StringComparison.Ordinal);
    }

    // Ids of appends are forgotten soon, so that most of what is met again is compared.
    private static StoreSetup SetupOf(string servers, string? topic = null) => new(servers, topic ?? $"moved-{Guid.NewGuid():N}")
    {
        Store = store => store.AppendIdWindow = 5,
    };

    /// <summary>Has another process copy, and kills it when so many appends are in the topic, and others on their way.</summary>
    private static async Task CopyUntilKilledAsync(StoreSetup setup, string database, int appends)
    {
        // It cannot take its files with it.
        using var files = new TempFolder();
        using var process = KilledProcess.Start(
            typeof(MoveToKafkaTests),
            nameof(The_mover_that_is_killed),
            new Dictionary<string, string> { [Servers] = setup.BootstrapServers, [Topic] = setup.TopicName, [Database] = database, [Files] = files.Path });

        while (ForeignLog.Read(setup.BootstrapServers, setup.TopicName, Cancellation).Count < appends)
        {
            Assert.False(process.HasExited);
            await Task.Delay(20, Cancellation);
        }

        await KilledProcess.EndAsync(process);
    }

    /// <summary>Copies until so many appends are done, and ends in the middle of others.</summary>
    private static async Task CopyAsync(IEventFeed feed, IEventStore target, int appends)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var progress = new Ending(ending, appends);

        try
        {
            await feed.CopyToAsync(target, new() { MaxInFlight = 8, Progress = progress, ProgressInterval = TimeSpan.Zero }, ending.Token);
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            // In good order it would have been done.
        }
    }

    /// <summary>Appends to streams that others append to as well, several events at a time, with all that an event can have; returns how many were committed.</summary>
    private static async Task<int> WriteUntilSealedAsync(IHost service, int writer)
    {
        var (store, written) = (service.Services.GetRequiredService<IEventStore>(), 0);

        for (var append = 0; ; append++)
        {
            var events = Enumerable.Range(0, append % 3 + 1).Select(index => append % 2 == 0
                ? new EventData(new Noted($"{writer} {append} {index}"))
                : new EventData(new RawEvent("scanned", new byte[] { 0, 255, (byte)append }, "application/octet-stream"))
                {
                    Id = $"own {writer} {append} {index}",
                    Time = DateTimeOffset.UnixEpoch.AddTicks(append),
                    Metadata = new Dictionary<string, string> { ["by"] = "ü \"x\"" },
                }).ToList();

            using var request = (append + (append / Streams)) % 2 == 0 ? new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start() : null;

            try
            {
                await store.AppendAsync(new StreamId("note", $"{append % Streams}"), ExpectedVersion.Any, events, cancellationToken: Cancellation);
                written += events.Count;
            }
            catch (EventStoreDatabaseException exception) when (exception.Message.Contains("is sealed", StringComparison.Ordinal))
            {
                return written;
            }
        }
    }

    private static async Task SealAsync(IHost service)
    {
        await using var scope = service.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<NotesContext>().SealEventStoreAsync(Cancellation);
    }

    private static async Task<IHost> StartServiceAsync(string database)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddDbContext<NotesContext>(options => options.UseNpgsql(database));
        builder.Services.AddMessagingPatterns().AddEventType<Noted>().AddPostgreSqlEventStore<NotesContext>();
        var host = builder.Build();

        await using (var scope = host.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<NotesContext>().Database.EnsureCreatedAsync(Cancellation);
        }

        await host.StartAsync(Cancellation);
        return host;
    }

    private sealed class NotesContext(DbContextOptions<NotesContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddEventStore();
    }

    private sealed class Ending(CancellationTokenSource ending, int appends) : IProgress<EventCopyProgress>
    {
        public void Report(EventCopyProgress value)
        {
            if (value.Appends >= appends)
            {
                ending.CancelAfter(TimeSpan.Zero);
            }
        }
    }
}
