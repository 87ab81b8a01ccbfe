using System.Collections.Concurrent;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;

/// <summary>A PostgreSQL that crashes and recovers while a service appends, reads the feed and has a subscription.</summary>
public sealed class PostgreSqlEventStoreFaultTests
{
    private const int Writers = 4;
    private const int Crashes = 2;
    private const int AppendsBetweenCrashes = 40;

    private static readonly StreamId End = new("end", "1");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_was_acknowledged_is_there_once_and_every_reader_sees_the_same_after_the_server_crashed()
    {
        PostgreSqlFixture.RequirePrograms();
        await using var server = await PostgreSqlServer.StartAsync();
        await using var database = new PostgreSqlOutboxDatabase(await PostgreSqlDatabase.CreateAsync(server.ConnectionString));
        await using var app = await EventStoreApp.CreateAsync(database);
        var counts = new Counts();
        using var host = await StartSubscriptionAsync(database, counts);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var ledger = new Ledger();
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(app.Store, new StreamId("account", $"{writer / 2}"), ledger, stopping.Token), Cancellation)).ToList();
        var reading = Enumerable.Range(0, 2).Select(_ => Task.Run(() => FollowAsync(app.Feed), Cancellation)).ToList();

        for (var crash = 1; crash <= Crashes; crash++)
        {
            await UntilAsync(() => ledger.Accepted.Count >= crash * AppendsBetweenCrashes);
            await server.KillAsync();
            await server.RestartAsync();
        }

        await UntilAsync(() => ledger.Accepted.Count >= (Crashes + 1) * AppendsBetweenCrashes);
        await stopping.CancelAsync();
        await Task.WhenAll(writing);
        await ledger.ResolveAsync(app.Store);
        await app.Store.AppendAsync(End, ExpectedVersion.NoStream, [new(new Charged(0))], cancellationToken: Cancellation);

        var events = await app.Feed.ReadAllAsync(Position.Start, cancellationToken: Cancellation).Where(recorded => recorded.Stream != End).ToListAsync(Cancellation);
        ledger.Judge(events);
        Assert.All(await Task.WhenAll(reading), read => Assert.Equal(events, read));
        await UntilAsync(() => counts.IsAtEnd);
        await host.StopAsync(Cancellation);
        Assert.Empty(counts.OutOfOrder);
        await app.InScopeAsync(async context => Assert.Equal(
            events.GroupBy(recorded => $"{recorded.Stream}").ToDictionary(stream => stream.Key, stream => stream.Count()),
            await context.Notes.ToDictionaryAsync(note => note.Id, note => note.Count, Cancellation)));
    }

    /// <summary>Appends one or two events at a time, expecting exactly the version that it knows, and notes what it is told.</summary>
    private static async Task WriteAsync(IEventStore store, StreamId stream, Ledger ledger, CancellationToken stopping)
    {
        for (var (version, number) = (0L, 0); !stopping.IsCancellationRequested; number++)
        {
            var (id, count) = (AppendId.New(), number % 2 + 1);
            EventData[] events = [.. Enumerable.Range(0, count).Select(index => new EventData(new Charged(index)))];

            try
            {
                version = (await store.AppendAsync(stream, ExpectedVersion.Exactly(version), events, new() { Id = id }, Cancellation)).Version;
                ledger.Accepted[id] = (version, count);
            }
            catch (StreamConflictException conflict)
            {
                version = conflict.Actual;
                ledger.Refused.Add(id);
            }
            catch (AppendOutcomeUnknownException unknown)
            {
                // Whatever became of it: the next try meets a conflict if it was accepted.
                ledger.Unknown.Add(unknown.Pending);
            }
            catch (EventStoreDatabaseException)
            {
                ledger.Refused.Add(id);
                await Task.Delay(5, Cancellation);
            }
        }
    }

    /// <summary>Follows the feed to its end, and begins behind the last whole append whenever the database goes away.</summary>
    private static async Task<List<RecordedEvent>> FollowAsync(IEventFeed feed)
    {
        var (read, position) = (new List<RecordedEvent>(), Position.Start);

        while (true)
        {
            try
            {
                await foreach (var recorded in feed.ReadAllAsync(position, new() { Follow = true }, Cancellation))
                {
                    position = read.Count > 0 && !read[^1].Position.Equals(recorded.Position) ? read[^1].Position : position;

                    if (recorded.Stream == End)
                    {
                        return read;
                    }

                    read.Add(recorded);
                }
            }
            catch (Exception exception) when (exception.GetBaseException() is System.Data.Common.DbException or IOException or System.Net.Sockets.SocketException)
            {
                read.RemoveAll(recorded => !position.Covers(recorded.Position));
                await Task.Delay(5, Cancellation);
            }
        }
    }

    private static async Task<IHost> StartSubscriptionAsync(PostgreSqlOutboxDatabase database, Counts counts)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var messaging = builder.Services.AddMessagingPatterns().AddContractEvents();
        EventStoreApp.AddStore(messaging, database);
        builder.Services.AddDbContext<EventsContext>(options => database.Use(options));
        builder.Services.AddSingleton(counts);
        messaging.AddEventStoreSubscription<EventsContext>("counts", subscription => subscription
            .Handle<Charged, Counting>()
            .Configure(options => options.RetryDelay = TimeSpan.FromMilliseconds(5)));
        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;
    }

    private static async Task UntilAsync(Func<bool> isThere)
    {
        while (!isThere())
        {
            await Task.Delay(5, Cancellation);
        }
    }

    /// <summary>What writers were told.</summary>
    private sealed class Ledger
    {
        public ConcurrentDictionary<AppendId, (long Version, int Count)> Accepted { get; } = [];

        /// <summary>Gets appends that met a conflict, or failed with nothing written.</summary>
        public ConcurrentBag<AppendId> Refused { get; } = [];

        public ConcurrentBag<PendingAppend> Unknown { get; } = [];

        /// <summary>Settles what was unknown: what it resolves to is final.</summary>
        public async Task ResolveAsync(IEventStore store)
        {
            foreach (var pending in Unknown)
            {
                var resolution = await store.ResolveAsync(pending, Cancellation);
                Assert.Equal(resolution, await store.ResolveAsync(pending, Cancellation));

                if (resolution.Result is { } result)
                {
                    Accepted[pending.Id] = (result.Version, pending.Count);
                }
                else
                {
                    Assert.Equal(AppendResolution.Rejected, resolution);
                    Refused.Add(pending.Id);
                }
            }
        }

        public void Judge(List<RecordedEvent> events)
        {
            Assert.All(events.GroupBy(recorded => recorded.Stream), stream =>
                Assert.Equal(Enumerable.Range(1, stream.Count()).Select(version => (long)version), stream.Select(recorded => recorded.Version)));
            var appends = events.GroupBy(recorded => recorded.AppendId).ToDictionary(append => append.Key, append => (append.Last().Version, append.Count()));
            Assert.Equal(Accepted.OrderBy(append => append.Key.Value).Select(append => (append.Key, append.Value)), appends.OrderBy(append => append.Key.Value).Select(append => (append.Key, append.Value)));
            Assert.DoesNotContain(Refused, appends.ContainsKey);
        }
    }

    /// <summary>What the subscription's handlers saw.</summary>
    public sealed class Counts
    {
        public ConcurrentQueue<string> OutOfOrder { get; } = [];

        public bool IsAtEnd { get; set; }
    }

    /// <summary>A read model: how many events each stream has. An event that took effect twice, or not at all, would not be the next one.</summary>
    public sealed class Counting(EventsContext model, Counts counts) : IEventHandler<Charged>
    {
        public async ValueTask HandleAsync(Charged @event, EventContext context, CancellationToken cancellationToken = default)
        {
            if (context.Stream == End)
            {
                counts.IsAtEnd = true;
                return;
            }

            var id = $"{context.Stream}";
            var note = await model.Notes.SingleOrDefaultAsync(one => one.Id == id, cancellationToken) ?? model.Notes.Add(new Note { Id = id }).Entity;

            if (++note.Count != context.Version)
            {
                counts.OutOfOrder.Enqueue($"{context.Stream} {context.Version} after {note.Count - 1}");
            }
        }
    }
}
