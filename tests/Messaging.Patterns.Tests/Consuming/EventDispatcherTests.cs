using System.Text;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Tests.Consuming;

public sealed class EventDispatcherTests
{
    private readonly EventHandlers _handlers = new();
    private readonly List<string> _log = [];
    private readonly ServiceCollection _services = new();

    public EventDispatcherTests()
    {
        _services.AddSingleton(_log);
        _services.AddScoped<Scoped>();
        _services.AddScoped<OpenedHandler>();
        _services.AddMessagingPatterns().AddEventType<Opened>().AddEventType<Closed>().AddEventType<OpenedOld>()
            .AddUpcaster("opened-old", "opened", json => json);
    }

    [Fact]
    public async Task An_event_goes_to_the_handler_of_its_type()
    {
        _handlers.Add<Opened>(Note("opened"));
        _handlers.Add<Closed>(Note("closed"));

        await DispatchAsync("opened", """{"name":"x"}""");

        Assert.Equal(["opened Opened { Name = x }"], _log);
    }

    [Fact]
    public async Task Several_handlers_of_a_type_follow_one_another_in_the_order_of_registration()
    {
        _handlers.Add<Opened>(Note("first"));
        _handlers.Add<Opened>(Note("second"));

        await DispatchAsync("opened", """{"name":"x"}""");

        Assert.Equal(["first Opened { Name = x }", "second Opened { Name = x }"], _log);
    }

    [Fact]
    public async Task An_old_event_goes_to_the_handler_of_the_type_that_it_is_upcast_to()
    {
        _handlers.Add<Opened>(Note("opened"));

        await DispatchAsync("opened-old", """{"name":"x"}""");

        Assert.Equal(["opened Opened { Name = x }"], _log);
    }

    [Fact]
    public async Task Each_event_gets_a_scope_of_its_own_which_ends_after_its_handlers()
    {
        _handlers.Add<Opened, OpenedHandler>();
        _handlers.Add<Opened, OpenedHandler>();
        var dispatcher = Build();

        await DispatchAsync(dispatcher, "opened", """{"name":"a"}""");
        await DispatchAsync(dispatcher, "opened", """{"name":"b"}""");

        Assert.Equal(["a in 1", "a in 1", "1 ended", "b in 2", "b in 2", "2 ended"], _log);
    }

    [Theory]
    [InlineData("unknown", false)]
    [InlineData("closed", false)]
    [InlineData("opened", true)]
    public void A_type_is_handled_only_if_it_has_a_handler(string type, bool expected)
    {
        _handlers.Add<Opened>(Note("opened"));

        Assert.Equal(expected, Build().Handles(new RawEvent(type, default)));
    }

    [Fact]
    public async Task A_raw_handler_takes_what_no_other_takes_as_it_came()
    {
        _handlers.Add<RawEvent>((raw, _, _) => Add($"raw {raw.Type} {Encoding.UTF8.GetString(raw.Data.Span)}"));
        _handlers.Add<Opened>(Note("opened"));

        await DispatchAsync("opened", """{"name":"x"}""");
        await DispatchAsync("closed", """{"reason":"y"}""");
        await DispatchAsync("unknown", "not even JSON");

        Assert.Equal(["opened Opened { Name = x }", """raw closed {"reason":"y"}""", "raw unknown not even JSON"], _log);
    }

    [Fact]
    public async Task A_tombstone_goes_to_its_handler_and_not_to_the_raw_one()
    {
        _handlers.Add<RawEvent>((_, _, _) => Add("raw"));
        _handlers.Add<Tombstone>((_, context, _) => Add($"tombstone at {context.Offset}"));

        await Build().DispatchAsync(Tombstone.Instance, Context(Tombstone.TypeName), TestContext.Current.CancellationToken);

        Assert.Equal(["tombstone at 7"], _log);
    }

    [Fact]
    public void A_tombstone_without_a_handler_is_not_handled_even_where_raw_events_are()
    {
        _handlers.Add<RawEvent>((_, _, _) => Add("raw"));

        Assert.False(Build().Handles(Tombstone.Instance));
    }

    [Fact]
    public async Task What_a_handler_throws_comes_out_and_the_handlers_after_it_are_not_called()
    {
        _handlers.Add<Opened>((_, _, _) => throw new InvalidOperationException("first"));
        _handlers.Add<Opened>(Note("second"));

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => DispatchAsync("opened", """{"name":"x"}"""));

        Assert.Equal("first", exception.Message);
        Assert.Empty(_log);
    }

    [Fact]
    public async Task A_payload_that_cannot_be_read_is_an_error()
    {
        _handlers.Add<Opened>(Note("opened"));

        await Assert.ThrowsAsync<EventSerializationException>(() => DispatchAsync("opened", "no json"));
    }

    [Fact]
    public async Task The_token_is_the_callers()
    {
        using var cancellation = new CancellationTokenSource();
        CancellationToken seen = default;
        _handlers.Add<Opened>((_, _, token) =>
        {
            seen = token;
            return ValueTask.CompletedTask;
        });

        await Build().DispatchAsync(new RawEvent("opened", """{"name":"x"}"""u8.ToArray()), Context("opened"), cancellation.Token);

        Assert.Equal(cancellation.Token, seen);
    }

    [Fact]
    public void Handlers_of_types_that_no_event_can_have_are_faults()
    {
        _handlers.Add<string>((_, _, _) => ValueTask.CompletedTask);
        _handlers.Add<Opened>(Note("opened"));
        _handlers.Add<RawEvent>((_, _, _) => ValueTask.CompletedTask);
        _handlers.Add<Tombstone>((_, _, _) => ValueTask.CompletedTask);
        using var provider = _services.BuildServiceProvider();

        var fault = Assert.Single(_handlers.FindFaults(provider.GetRequiredService<EventCodec>()));

        Assert.Contains("System.String", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_handler_of_a_type_that_is_always_upcast_is_a_fault()
    {
        _handlers.Add<OpenedOld>((_, _, _) => ValueTask.CompletedTask);
        using var provider = _services.BuildServiceProvider();

        var fault = Assert.Single(_handlers.FindFaults(provider.GetRequiredService<EventCodec>()));

        Assert.Contains(typeof(Opened).FullName!, fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_goes_to_its_handler_decoded_in_order_and_in_a_scope_of_its_own()
    {
        _services.AddScoped<OpenedBatches>();
        _handlers.AddBatch<Opened, OpenedBatches>();
        var dispatcher = Build();

        await dispatcher.DispatchBatchAsync([Envelope("a"), Envelope("b")], TestContext.Current.CancellationToken);
        await dispatcher.DispatchBatchAsync([Envelope("c")], TestContext.Current.CancellationToken);

        Assert.Equal(["a, b in 1", "1 ended", "c in 2", "2 ended"], _log);
    }

    [Fact]
    public async Task Handlers_of_one_and_of_several_events_follow_one_another_in_the_order_of_registration()
    {
        _handlers.Add<Opened>(Note("one"));
        _handlers.AddBatch<Opened>((events, _) => Add($"batch of {events.Count}"));

        await Build().DispatchBatchAsync([Envelope("a"), Envelope("b")], TestContext.Current.CancellationToken);

        Assert.Equal(["one Opened { Name = a }", "one Opened { Name = b }", "batch of 2"], _log);
    }

    [Fact]
    public async Task A_single_event_goes_to_a_handler_of_several_too()
    {
        _handlers.AddBatch<Opened>((events, _) => Add($"batch of {events.Single().Event}"));

        await DispatchAsync("opened", """{"name":"x"}""");

        Assert.Equal(["batch of Opened { Name = x }"], _log);
    }

    [Fact]
    public async Task A_batch_with_an_event_that_cannot_be_read_reaches_nobody()
    {
        _handlers.AddBatch<Opened>((events, _) => Add($"batch of {events.Count}"));
        var broken = new EventEnvelope<object>(new RawEvent("opened", "no json"u8.ToArray()), Context("opened"));

        await Assert.ThrowsAsync<EventSerializationException>(() => Build().DispatchBatchAsync([Envelope("a"), broken], TestContext.Current.CancellationToken).AsTask());

        Assert.Empty(_log);
    }

    [Theory]
    [InlineData("opened", "opened", true)]
    [InlineData("opened", "opened-old", true)]
    [InlineData("opened", "closed", false)]
    [InlineData("closed", "closed", false)]
    [InlineData("unknown", "other", true)]
    public void Events_that_go_to_the_same_handler_of_several_are_batched(string one, string other, bool expected)
    {
        _handlers.AddBatch<Opened>((_, _) => ValueTask.CompletedTask);
        _handlers.AddBatch<RawEvent>((_, _) => ValueTask.CompletedTask);
        _handlers.Add<Closed>(Note("closed"));

        Assert.Equal(expected, Build().AreBatched(new RawEvent(one, default), new RawEvent(other, default)));
    }

    [Fact]
    public void A_handler_of_records_beside_others_is_a_fault()
    {
        _handlers.Add<RawRecord>((_, _, _) => ValueTask.CompletedTask);
        _handlers.Add<Opened>(Note("opened"));
        using var provider = _services.BuildServiceProvider();

        Assert.Contains("different groups", Assert.Single(_handlers.FindFaults(provider.GetRequiredService<EventCodec>())), StringComparison.Ordinal);
    }

    private static EventEnvelope<object> Envelope(string name) => new(new RawEvent("opened", Encoding.UTF8.GetBytes($$"""{"name":"{{name}}"}""")), Context("opened"));

    private static EventContext Context(string type) =>
        new() { Group = "group", EventId = "1", Source = "/tests", EventType = type, Time = default, Topic = "topic", Partition = 0, Offset = 7 };

    private static Task DispatchAsync(EventDispatcher dispatcher, string type, string json) =>
        dispatcher.DispatchAsync(new RawEvent(type, Encoding.UTF8.GetBytes(json)), Context(type), TestContext.Current.CancellationToken).AsTask();

    private EventDispatcher Build()
    {
        var provider = _services.BuildServiceProvider();
        return new(_handlers, provider.GetRequiredService<EventCodec>(), provider.GetRequiredService<IServiceScopeFactory>());
    }

    private Task DispatchAsync(string type, string json) => DispatchAsync(Build(), type, json);

    private Func<object, EventContext, CancellationToken, ValueTask> Note(string who) => (payload, _, _) => Add($"{who} {payload}");

    private ValueTask Add(string text)
    {
        _log.Add(text);
        return ValueTask.CompletedTask;
    }

    [EventType("opened")]
    public sealed record Opened(string Name);

    [EventType("opened-old")]
    public sealed record OpenedOld(string Name);

    [EventType("closed")]
    public sealed record Closed(string Reason);

    private sealed class Scoped(List<string> log) : IDisposable
    {
        public int Number { get; } = log.Count(entry => entry.EndsWith("ended", StringComparison.Ordinal)) + 1;

        public void Dispose() => log.Add($"{Number} ended");
    }

    private sealed class OpenedBatches(Scoped scope, List<string> log) : IEventBatchHandler<Opened>
    {
        public ValueTask HandleAsync(IReadOnlyList<EventEnvelope<Opened>> events, CancellationToken cancellationToken = default)
        {
            log.Add($"{string.Join(", ", events.Select(one => one.Event.Name))} in {scope.Number}");
            return ValueTask.CompletedTask;
        }
    }

    private sealed class OpenedHandler(Scoped scoped, List<string> log) : IEventHandler<Opened>
    {
        public ValueTask HandleAsync(Opened @event, EventContext context, CancellationToken cancellationToken = default)
        {
            log.Add($"{@event.Name} in {scoped.Number}");
            return ValueTask.CompletedTask;
        }
    }
}
