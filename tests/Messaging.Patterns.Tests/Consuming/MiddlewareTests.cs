using System.Text;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Retry;

namespace Messaging.Patterns.Tests.Consuming;

public sealed class MiddlewareTests
{
    private readonly EventHandlers _handlers = new();
    private readonly List<string> _log = [];
    private readonly ServiceCollection _services = new();

    public MiddlewareTests()
    {
        _services.AddSingleton(_log);
        _services.AddScoped<Scoped>();
        _services.AddScoped<Named>();
        _services.AddScoped<OpenedHandler>();
        _services.AddMessagingPatterns().AddEventType<Opened>();
    }

    [Fact]
    public async Task Middleware_lies_around_all_handlers_the_first_outermost_in_one_scope()
    {
        _handlers.Use(Around("outer"));
        _handlers.Use<Named>();
        _handlers.Add<Opened, OpenedHandler>();
        _handlers.Add<Opened>(Note("function"));

        await DispatchAsync("a");
        await DispatchAsync("b");

        Assert.Equal(
            ["outer a", "named in 1", "a in 1", "function a", "named is done", "outer is done", "1 ended", "outer b", "named in 2", "b in 2", "function b", "named is done", "outer is done", "2 ended"], _log);
    }

    [Fact]
    public async Task A_batch_passes_through_it_as_a_whole()
    {
        _handlers.Use(Around("outer"));
        _handlers.AddBatch<Opened>((events, _) => Add($"batch of {events.Count}"));

        await Build().DispatchBatchAsync([Envelope("a"), Envelope("b")], TestContext.Current.CancellationToken);

        Assert.Equal(["outer a b", "batch of 2", "outer is done"], _log);
    }

    [Fact]
    public async Task Each_attempt_of_a_retry_in_place_passes_through_it()
    {
        var failures = 2;
        _handlers.Use(async (call, next, token) =>
        {
            await Add($"attempt {call.Events[0].Context.Attempt}");
            await next(token);
        });
        _handlers.Add<Opened>((_, _, _) => failures-- > 0 ? throw new InvalidOperationException() : ValueTask.CompletedTask);
        var (dispatcher, envelope) = (Build(), Envelope("a"));
        var pipeline = new FailurePolicy().Retry(builder => builder.AddRetry(new RetryStrategyOptions { Delay = TimeSpan.Zero })).BuildPipeline(TimeProvider.System)!;

        var (error, attempts) = await pipeline.RunAsync(
            (attempt, token) => dispatcher.DispatchAsync(envelope.Event, envelope.Context with { Attempt = attempt }, token), 0, TestContext.Current.CancellationToken);

        Assert.Equal((null, 3), (error, attempts));
        Assert.Equal(["attempt 1", "attempt 2", "attempt 3"], _log);
    }

    [Fact]
    public async Task What_a_handler_throws_passes_through()
    {
        _handlers.Use(Around("outer"));
        _handlers.Add<Opened>((_, _, _) => throw new FormatException("wrong"));

        Assert.Equal("wrong", (await Assert.ThrowsAsync<FormatException>(() => DispatchAsync("a"))).Message);
        Assert.Equal(["outer a"], _log);
    }

    [Fact]
    public async Task Middleware_that_hides_a_failure_is_a_failure()
    {
        _handlers.Use(async (_, next, token) =>
        {
            try
            {
                await next(token);
            }
            catch (FormatException)
            {
                // Hidden.
            }
        });
        _handlers.Add<Opened>((_, _, _) => throw new FormatException("wrong"));

        Assert.IsType<FormatException>((await Assert.ThrowsAsync<MessagingException>(() => DispatchAsync("a"))).InnerException);
    }

    [Fact]
    public async Task Middleware_that_tries_again_and_succeeds_is_done()
    {
        var failures = 1;
        _handlers.Use(async (_, next, token) =>
        {
            try
            {
                await next(token);
            }
            catch (FormatException)
            {
                await next(token);
            }
        });
        _handlers.Add<Opened>((opened, _, _) => failures-- > 0 ? throw new FormatException("wrong") : Add(opened.Name));

        await DispatchAsync("a");

        Assert.Equal(["a"], _log);
    }

    [Fact]
    public async Task Middleware_that_does_not_go_on_passes_the_event_over()
    {
        _handlers.Use((call, next, token) => call.Events[0].Event is Opened { Name: "a" } ? ValueTask.CompletedTask : next(token));
        _handlers.Add<Opened>(Note("function"));

        await DispatchAsync("a");
        await DispatchAsync("b");

        Assert.Equal(["function b"], _log);
    }

    [Fact]
    public async Task The_transaction_of_a_group_is_inside()
    {
        _handlers.Use(Around("outer"));
        _handlers.HandleWithin(new Transaction(_log));
        _handlers.Add<Opened, OpenedHandler>();

        await DispatchAsync("a");

        Assert.Equal(["outer a", "begin", "a in 1", "commit", "outer is done", "1 ended"], _log);
    }

    private static EventEnvelope<object> Envelope(string name) => new(
        new RawEvent("opened", Encoding.UTF8.GetBytes($$"""{"name":"{{name}}"}""")),
        new() { Group = "group", EventId = "1", Source = "/tests", EventType = "opened", Time = default, Topic = "topic", Partition = 0, Offset = 7 });

    private Func<HandlerCall, Func<CancellationToken, ValueTask>, CancellationToken, ValueTask> Around(string name) => async (call, next, token) =>
    {
        await Add($"{name} {string.Join(' ', call.Events.Select(one => ((Opened)one.Event).Name))}");
        await next(token);
        await Add($"{name} is done");
    };

    private Func<Opened, EventContext, CancellationToken, ValueTask> Note(string who) => (opened, _, _) => Add($"{who} {opened.Name}");

    private async Task DispatchAsync(string name)
    {
        var envelope = Envelope(name);
        await Build().DispatchAsync(envelope.Event, envelope.Context, TestContext.Current.CancellationToken);
    }

    private EventDispatcher Build()
    {
        var provider = _services.BuildServiceProvider();
        return new(_handlers, provider.GetRequiredService<EventCodec>(), provider.GetRequiredService<IServiceScopeFactory>());
    }

    private ValueTask Add(string text)
    {
        _log.Add(text);
        return ValueTask.CompletedTask;
    }

    [EventType("opened")]
    public sealed record Opened(string Name);

    private sealed class Scoped(List<string> log) : IDisposable
    {
        public int Number { get; } = log.Count(entry => entry.EndsWith("ended", StringComparison.Ordinal)) + 1;

        public void Dispose() => log.Add($"{Number} ended");
    }

    private sealed class Named(Scoped scoped, List<string> log) : IEventMiddleware
    {
        public async ValueTask InvokeAsync(HandlerCall call, Func<CancellationToken, ValueTask> next, CancellationToken cancellationToken)
        {
            log.Add($"named in {scoped.Number}");
            Assert.Same(scoped, call.Services.GetRequiredService<Scoped>());
            await next(cancellationToken);
            log.Add("named is done");
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

    private sealed class Transaction(List<string> log) : IHandlerTransaction
    {
        public async ValueTask RunAsync(
            IServiceProvider services, IReadOnlyList<EventContext> events, Func<IReadOnlyList<int>, CancellationToken, ValueTask> handleAsync, CancellationToken cancellationToken)
        {
            log.Add("begin");
            await handleAsync([.. Enumerable.Range(0, events.Count)], cancellationToken);
            log.Add("commit");
        }
    }
}
