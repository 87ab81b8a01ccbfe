using System.Collections.Concurrent;
using System.Diagnostics;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EntityFrameworkCore.Diagnostics;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing;
using Messaging.Patterns.EntityFrameworkCore.EventSourcing.Subscriptions;
using Messaging.Patterns.EntityFrameworkCore.Tests.Outbox;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.EntityFrameworkCore.Tests.EventSourcing;

/// <summary>What a subscription to an event store promises, on every database that is supported.</summary>
public abstract class SubscriptionTests
{
    private const string Name = "totals";

    private static readonly StreamId Stream = new("account", "42");

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_event_takes_effect_once_although_handlers_fail_and_hosts_come_and_go()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        var script = new Script { Failing = context => context is { Version: 3 or 8, Attempt: 1 } };
        await AppendAsync(app, 5);

        using (var first = await StartAsync(database, script))
        {
            await UntilAsync(app, total => total >= 5);
            await first.StopAsync(Cancellation);
        }

        await AppendAsync(app, 5);

        using (var second = await StartAsync(database, script))
        {
            await UntilAsync(app, total => total == 10);
            await second.StopAsync(Cancellation);
        }

        Assert.Equal(Enumerable.Range(1, 10).Select(version => (long)version), script.Handled.Distinct());
        Assert.Equal(12, script.Handled.Count);
    }

    [Fact]
    public async Task Of_two_hosts_one_works_and_the_other_takes_over_when_it_stops()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        var (one, other) = (new Script(), new Script());
        using var first = await StartAsync(database, one);
        await AppendAsync(app, 3);
        await UntilAsync(app, total => total == 3);
        using var second = await StartAsync(database, other);
        await AppendAsync(app, 3);
        await UntilAsync(app, total => total == 6);
        Assert.Empty(other.Handled);

        await first.StopAsync(Cancellation);
        await AppendAsync(app, 3);
        await UntilAsync(app, total => total == 9);

        Assert.Equal([7L, 8, 9], other.Handled);
        Assert.Equal(6, one.Handled.Count);
        await second.StopAsync(Cancellation);
    }

    [Fact]
    public async Task An_owner_without_a_sign_of_life_is_followed_and_one_that_beats_is_not()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        var (clock, contexts) = (new ManualClock(), new StoreContexts.Own<EventsContext>(app.Services.GetRequiredService<IServiceScopeFactory>()));
        var (first, second) = (new SubscriptionLease(contexts, Name, TimeSpan.FromSeconds(15), clock), new SubscriptionLease(contexts, Name, TimeSpan.FromSeconds(15), clock));
        await first.TryTakeAsync(Cancellation);
        Assert.NotNull(await first.TryTakeAsync(Cancellation));
        Assert.Null(await second.TryTakeAsync(Cancellation));
        clock.Advance(TimeSpan.FromSeconds(14));
        Assert.True(await first.BeatAsync(Cancellation));
        clock.Advance(TimeSpan.FromSeconds(14));
        Assert.Null(await second.TryTakeAsync(Cancellation));
        clock.Advance(TimeSpan.FromSeconds(14));
        Assert.Null(await second.TryTakeAsync(Cancellation));
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(new SubscriptionPlace(0, 0), await second.TryTakeAsync(Cancellation));

        Assert.False(await first.BeatAsync(Cancellation));
        Assert.False(await first.MoveAsync(new SubscriptionPlace(7, 1), Cancellation));
        Assert.False(await first.ReleaseAsync(Cancellation));
        Assert.True(await second.MoveAsync(new SubscriptionPlace(7, 1), Cancellation));
    }

    [Fact]
    public async Task A_handler_that_fails_holds_up_what_is_behind_and_is_told_by_the_health_check()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        var isBroken = true;
        var script = new Script { Failing = context => isBroken && context.Version == 2 };
        using var host = await StartAsync(database, script);
        await AppendAsync(app, 3);
        var health = host.Services.GetRequiredService<HealthCheckService>();

        while ((await health.CheckHealthAsync(one => one.Name == $"event-subscription-{Name}", Cancellation)).Status != HealthStatus.Unhealthy)
        {
            await Task.Delay(5, Cancellation);
        }

        Assert.Equal(1, await TotalAsync(app));
        isBroken = false;
        await UntilAsync(app, total => total == 3);
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(one => one.Name == $"event-subscription-{Name}", Cancellation)).Status);
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_handler_goes_on_with_the_trace_of_the_writer()
    {
        var activities = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EntityFrameworkDiagnostics.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activities.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        var script = new Script { Failing = context => context.Attempt == 1 };
        ActivityContext writer;

        using (var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start())
        {
            writer = request.Context;
            await AppendAsync(app, 1);
        }

        using var host = await StartAsync(database, script);
        await UntilAsync(app, total => total == 1);
        await host.StopAsync(Cancellation);

        Assert.Equal([writer.SpanId, writer.SpanId], script.Contexts.Select(context => context.Trace.SpanId));
        var handled = activities.Where(activity => activity.TraceId == writer.TraceId).ToList();
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset], handled.Select(activity => activity.Status));
        Assert.All(handled, activity => Assert.Equal(("process events", writer.SpanId, Name), (activity.OperationName, activity.ParentSpanId, activity.GetTagItem("messaging.consumer.group.name"))));
        Assert.All(handled, activity => Assert.Equal(writer.SpanId, Assert.Single(activity.Links).Context.SpanId));
        Assert.Equal(handled.Select(activity => (ActivitySpanId?)activity.SpanId), script.Spans);
    }

    [Fact]
    public async Task Faults_of_a_subscription_are_told_at_the_start()
    {
        await using var database = await CreateDatabaseAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var messaging = builder.Services.AddMessagingPatterns().AddContractEvents();
        EventStoreApp.AddStore(messaging, database, options => options.VerifyTables = false);
        builder.Services.AddDbContext<EventsContext>(options => database.Use(options));
        messaging.AddEventStoreSubscription<EventsContext>(Name, subscription => subscription.Configure(options => options.LeaseDuration = TimeSpan.Zero));
        using var host = builder.Build();

        Assert.Throws<ArgumentException>("name", () => messaging.AddEventStoreSubscription<EventsContext>(Name, _ => { }));
        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));
        Assert.Equal(
            "Property LeaseDuration: must be from 1 second to 1 day, but is 00:00:00.; subscription 'totals' has no handler. Add one with Handle<TEvent, THandler>().", thrown.Message);
    }

    protected abstract Task<OutboxDatabase> CreateDatabaseAsync();

    private protected static async Task<IHost> StartAsync(OutboxDatabase database, Script script, TimeSpan? lease = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var messaging = builder.Services.AddMessagingPatterns().AddContractEvents();
        EventStoreApp.AddStore(messaging, database, options => options.PollInterval = TimeSpan.FromMilliseconds(5));
        builder.Services.AddDbContext<EventsContext>(options => database.Use(options));
        builder.Services.AddSingleton(script);
        messaging.AddEventStoreSubscription<EventsContext>(Name, subscription => subscription
            .Handle<Charged, Totals>()
            .Configure(options => (options.RetryDelay, options.LeaseDuration) = (TimeSpan.FromMilliseconds(5), lease ?? TimeSpan.FromMinutes(10))));
        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;
    }

    // Between events that nobody handles, and several in one append.
    private protected static async Task AppendAsync(EventStoreApp app, int count)
    {
        await app.Store.AppendAsync(new StreamId("other", "1"), ExpectedVersion.Any, [new(new Opened("Ada"))], cancellationToken: Cancellation);
        await app.Store.AppendAsync(Stream, ExpectedVersion.Any, [.. Enumerable.Range(0, count).Select(_ => new EventData(new Charged(1)))], cancellationToken: Cancellation);
    }

    private protected static async Task<int> TotalAsync(EventStoreApp app)
    {
        var total = 0;
        await app.InScopeAsync(async context => total = await context.Notes.Select(note => note.Count).SingleOrDefaultAsync(Cancellation));
        return total;
    }

    private protected static async Task UntilAsync(EventStoreApp app, Func<int, bool> isThere)
    {
        while (!isThere(await TotalAsync(app)))
        {
            await Task.Delay(5, Cancellation);
        }
    }

    /// <summary>What handlers of one host do.</summary>
    public sealed class Script
    {
        public ConcurrentQueue<long> Handled { get; } = [];

        public ConcurrentQueue<EventContext> Contexts { get; } = [];

        public ConcurrentQueue<ActivitySpanId?> Spans { get; } = [];

        public Func<EventContext, bool> Failing { get; init; } = _ => false;

        public TaskCompletionSource? Gate { get; init; }

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>A read model: one row, in which every event counts once.</summary>
    public sealed class Totals(EventsContext model, Script script) : IEventHandler<Charged>
    {
        public async ValueTask HandleAsync(Charged @event, EventContext context, CancellationToken cancellationToken = default)
        {
            script.Handled.Enqueue(context.Version);
            script.Contexts.Enqueue(context);
            script.Spans.Enqueue(Activity.Current?.SpanId);
            script.Reached.TrySetResult();
            await (script.Gate?.Task ?? Task.CompletedTask).WaitAsync(cancellationToken);

            var note = await model.Notes.SingleOrDefaultAsync(cancellationToken);
            note ??= model.Notes.Add(new Note { Id = "total" }).Entity;
            note.Count += @event.Amount;

            if (script.Failing(context))
            {
                await model.SaveChangesAsync(cancellationToken);
                throw new InvalidOperationException("not yet");
            }
        }
    }
}

public sealed class SqliteSubscriptionTests : SubscriptionTests
{
    protected override Task<OutboxDatabase> CreateDatabaseAsync() => Task.FromResult<OutboxDatabase>(new SqliteOutboxDatabase());
}

public sealed class PostgreSqlSubscriptionTests(PostgreSqlFixture postgreSql) : SubscriptionTests
{
    [Fact]
    public async Task An_owner_that_was_taken_over_while_it_handled_leaves_nothing()
    {
        await using var database = await CreateDatabaseAsync();
        await using var app = await EventStoreApp.CreateAsync(database);
        var (paused, other) = (new Script { Gate = new() }, new Script());
        using var first = await StartAsync(database, paused, TimeSpan.FromHours(1));
        await AppendAsync(app, 1);
        await paused.Reached.Task.WaitAsync(Cancellation);

        // What a successor does that has seen no sign of life.
        await app.InScopeAsync(context => context.Set<SubscriptionRow>().ExecuteUpdateAsync(set => set.SetProperty(row => row.IsFree, true), Cancellation));
        using var second = await StartAsync(database, other);
        await UntilAsync(app, total => total == 1);
        paused.Gate.SetResult();
        await AppendAsync(app, 1);
        await UntilAsync(app, total => total == 2);

        await first.StopAsync(Cancellation);
        await second.StopAsync(Cancellation);
        Assert.Equal(2, await TotalAsync(app));
        Assert.Equal([1L, 2], other.Handled);
    }

    protected override async Task<OutboxDatabase> CreateDatabaseAsync() => new PostgreSqlOutboxDatabase(await postgreSql.CreateDatabaseAsync());
}
