using System.Runtime.CompilerServices;
using Messaging.Patterns.ContractTests;
using Messaging.Patterns.EventSourcing;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Patterns.Testing.Tests;

/// <summary>Copying a store into another, and comparing the two.</summary>
public sealed class EventCopyTests : IAsyncDisposable
{
    private static readonly StreamId First = new("account", "1");
    private static readonly StreamId Second = new("account", "2");
    private static readonly DateTimeOffset Time = new DateTimeOffset(2026, 2, 28, 23, 59, 59, TimeSpan.FromHours(9)).AddTicks(1234567);

    // So small that ids of appends are forgotten.
    private readonly ServiceProvider _source = Create(window: 1);
    private readonly ServiceProvider _target = Create(window: 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IEventStore Source => _source.GetRequiredService<IEventStore>();

    private IEventFeed Feed => _source.GetRequiredService<IEventFeed>();

    private IEventStore Target => _target.GetRequiredService<IEventStore>();

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _target.DisposeAsync();
    }

    [Fact]
    public async Task Everything_but_positions_is_kept()
    {
        await AppendAsync(Source, First, Rich("a"), Rich("b"));
        await AppendAsync(Source, Second, new EventData(new Charged(1)));
        await AppendAsync(Source, First, new EventData(new Charged(2)), new EventData(new RawEvent("unknown", new byte[] { 0, 255 }, "application/octet-stream")));

        var copied = await Feed.CopyToAsync(Target, cancellationToken: Cancellation);

        Assert.Equal((3L, 5L, 0L, 0L), (copied.Appends, copied.Events, copied.AlreadyThere, copied.Retries));
        foreach (var stream in new[] { First, Second })
        {
            Assert.Equal(await DescribeAsync(Source, stream), await DescribeAsync(Target, stream));
        }

        var comparison = await Feed.CompareToAsync(Target, cancellationToken: Cancellation);
        Assert.True(comparison.IsEqual);
        Assert.Equal((2L, 5L), (comparison.Streams, comparison.Progress.Events));
    }

    [Fact]
    public async Task A_copy_that_is_repeated_appends_what_is_new_and_passes_over_the_rest_wherever_it_begins()
    {
        await AppendManyAsync(20);
        var first = await Feed.CopyToAsync(Target, cancellationToken: Cancellation);
        await AppendManyAsync(5);

        var all = await Feed.CopyToAsync(Target, cancellationToken: Cancellation);
        await AppendManyAsync(5);
        var rest = await Feed.CopyToAsync(Target, new() { After = all.Position }, Cancellation);

        Assert.Equal((20L, 25L, 5L), (first.Events, all.Events, rest.Events));
        Assert.Equal(0, rest.AlreadyThere);
        Assert.True((await Feed.CompareToAsync(Target, cancellationToken: Cancellation)).IsEqual);
        Assert.Equal(rest.Position, (await Feed.CopyToAsync(Target, new() { After = rest.Position }, Cancellation)).Position);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_fails_in_passing_is_tried_again_whether_it_was_accepted_or_not(bool isAccepted)
    {
        await AppendManyAsync(30);
        var target = new FailingStore(Target, isAccepted);
        var reports = new List<EventCopyProgress>();

        var copied = await Feed.CopyToAsync(target, new() { Time = new HurriedClock(), Progress = new Told(reports.Add), ProgressInterval = TimeSpan.Zero }, Cancellation);

        Assert.Equal(30, copied.Events);
        Assert.Equal(target.Failures, copied.Retries);
        Assert.IsType<AppendOutcomeUnknownException>(copied.LastFailure);
        Assert.Equal(copied, reports[^1]);
        Assert.Equal(30 + target.Failures + 1, reports.Count);
        Assert.True((await Feed.CompareToAsync(Target, cancellationToken: Cancellation)).IsEqual);
    }

    [Fact]
    public async Task What_somebody_else_wrote_to_the_target_is_named_and_nothing_is_written_over_it()
    {
        await AppendAsync(Source, First, Rich("a"), Rich("b"));
        await AppendAsync(Target, First, Rich("foreign"));

        var failed = await Assert.ThrowsAsync<EventCopyException>(() => Feed.CopyToAsync(Target, cancellationToken: Cancellation));

        Assert.Equal((First, 1L), (failed.Difference.Stream, failed.Difference.Version));
        Assert.StartsWith("Cannot copy stream 'account-1', version 1: expected event 'a', but found event 'foreign' of type 'contract-charged'. Somebody else has written", failed.Message, StringComparison.Ordinal);
        Assert.Single(await DescribeAsync(Target, First));
    }

    [Fact]
    public async Task An_append_id_that_the_target_has_elsewhere_is_named()
    {
        var id = AppendId.New();
        await Source.AppendAsync(First, ExpectedVersion.Any, [Rich("a")], new() { Id = id }, Cancellation);
        await Target.AppendAsync(First, ExpectedVersion.Any, [Rich("a"), Rich("b")], new() { Id = id }, Cancellation);

        var failed = await Assert.ThrowsAsync<EventCopyException>(() => Feed.CopyToAsync(Target, cancellationToken: Cancellation));

        Assert.Contains($"expected append {id} of 1 events as version 1, but found that id at an append that ends with version 2", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_beyond_what_was_copied_is_an_error_and_leaves_no_gap()
    {
        await AppendAsync(Source, First, Rich("a"));
        var place = (await AppendAsync(Source, First, Rich("b"))).Position;
        await AppendAsync(Source, First, Rich("c"));

        var failed = await Assert.ThrowsAsync<EventCopyException>(() => Feed.CopyToAsync(Target, new() { After = place }, Cancellation));

        Assert.Contains("version 3: expected version 2 before it, but found the stream at version 0. Begin at an earlier place", failed.Message, StringComparison.Ordinal);
        Assert.Empty(await DescribeAsync(Target, First));
    }

    [Fact]
    public async Task What_the_target_refuses_is_named_and_can_be_left_out()
    {
        await AppendAsync(Source, First, Rich("a"));
        await AppendAsync(Source, Second, Rich("b"));
        var target = new FailingStore(Target, isAccepted: false) { Refused = First };

        var failed = await Assert.ThrowsAsync<EventCopyException>(() => Feed.CopyToAsync(target, new() { Time = new HurriedClock() }, Cancellation));
        Assert.Contains("stream 'account-1', version 1", failed.Message, StringComparison.Ordinal);
        Assert.Contains("found that the target refuses it: No such streams here.", failed.Message, StringComparison.Ordinal);

        var copied = await Feed.CopyToAsync(target, new() { Time = new HurriedClock(), Includes = stream => stream != First }, Cancellation);
        Assert.Equal(1, copied.Appends);
    }

    [Fact]
    public async Task A_failure_of_the_source_ends_the_copy_and_another_one_goes_on()
    {
        await AppendManyAsync(20);

        await Assert.ThrowsAsync<TimeoutException>(() => new FailingFeed(Feed, 10).CopyToAsync(Target, cancellationToken: Cancellation));
        await Feed.CopyToAsync(Target, cancellationToken: Cancellation);

        Assert.True((await Feed.CompareToAsync(Target, cancellationToken: Cancellation)).IsEqual);
    }

    [Fact]
    public async Task A_copy_that_is_cancelled_ends_and_another_one_goes_on()
    {
        await AppendManyAsync(20);
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var progress = new Told(told => _ = told.Appends == 7 ? cancelling.CancelAsync() : null);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Feed.CopyToAsync(
            new FailingStore(Target, isAccepted: true), new() { Progress = progress, ProgressInterval = TimeSpan.Zero, MaxInFlight = 2, Time = new HurriedClock() }, cancelling.Token));
        await Feed.CopyToAsync(Target, new() { MaxInFlight = 2 }, Cancellation);

        Assert.True((await Feed.CompareToAsync(Target, cancellationToken: Cancellation)).IsEqual);
    }

    [Theory]
    [InlineData("event 'a'", "event 'z'")]
    [InlineData("type 'contract-charged'", "type 'contract-opened'")]
    [InlineData("time 2026-02-28T14:59:59.1234567+00:00", "time 2026-02-28T15:00:00.1234567+00:00")]
    [InlineData("content type 'application/json'", "content type 'text/plain'")]
    [InlineData("metadata (by, why)", "metadata (by)")]
    [InlineData("its payload of 12 bytes", "another one of 12 bytes")]
    [InlineData("append 000000", "append 000000")]
    [InlineData("no event", "event 'b' of type 'contract-charged'")]
    [InlineData("event 'a'", "no event")]
    public async Task Each_difference_is_found(string expected, string found)
    {
        var (raw, id) = (new RawEvent("contract-charged", """{"amount":1}"""u8.ToArray()), new AppendId(Guid.Parse("00000000000000000000000000000001")));
        var original = Rich("a", raw);
        await Source.AppendAsync(First, ExpectedVersion.Any, [original], new() { Id = id }, Cancellation);
        EventData[] events = found switch
        {
            "event 'z'" => [Rich("z", raw)],
            "type 'contract-opened'" => [Rich("a", raw with { Type = "contract-opened" })],
            "content type 'text/plain'" => [Rich("a", raw with { ContentType = "text/plain" })],
            "another one of 12 bytes" => [Rich("a", raw with { Data = """{"amount":2}"""u8.ToArray() })],
            "metadata (by)" => [original with { Metadata = new Dictionary<string, string> { ["by"] = "Ada" } }],
            "no event" => [],
            _ when found.StartsWith("time", StringComparison.Ordinal) => [original with { Time = Time.AddSeconds(1) }],
            _ => [original],
        };

        if (events.Length > 0)
        {
            await Target.AppendAsync(First, ExpectedVersion.Any, events, new() { Id = found.StartsWith("append", StringComparison.Ordinal) ? new(Guid.Parse("00000000000000000000000000000002")) : id }, Cancellation);
        }

        if (expected == "no event")
        {
            await AppendAsync(Target, First, Rich("b"));
        }

        var comparison = await Feed.CompareToAsync(Target, cancellationToken: Cancellation);

        Assert.False(comparison.IsEqual);
        var difference = Assert.Single(comparison.Differences);
        Assert.StartsWith(expected, difference.Expected, StringComparison.Ordinal);
        Assert.StartsWith(found, difference.Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_were_appended_one_by_one_are_not_those_of_one_append()
    {
        await AppendAsync(Source, First, Rich("a"), Rich("b"));
        var id = (await Source.ReadStreamAsync(First, cancellationToken: Cancellation).ToListAsync(Cancellation))[0].AppendId;
        await Target.AppendAsync(First, ExpectedVersion.Any, [Rich("a")], new() { Id = id }, Cancellation);
        await AppendAsync(Target, Second, Rich("c"));
        await Target.AppendAsync(First, ExpectedVersion.Any, [Rich("b")], new() { Id = id }, Cancellation);

        var difference = Assert.Single((await Feed.CompareToAsync(Target, cancellationToken: Cancellation)).Differences);

        Assert.Equal((2L, $"all events of append {id} at one place", "them at several"), (difference.Version, difference.Expected, difference.Found));
    }

    [Fact]
    public async Task JSON_in_another_notation_is_no_difference()
    {
        var id = AppendId.New();
        await Source.AppendAsync(First, ExpectedVersion.Any, [Rich("a", new("contract-charged", """{"amount":1}"""u8.ToArray()))], new() { Id = id }, Cancellation);
        await Target.AppendAsync(First, ExpectedVersion.Any, [Rich("a", new("contract-charged", """{ "amount": 1 }"""u8.ToArray()))], new() { Id = id }, Cancellation);

        Assert.True((await Feed.CompareToAsync(Target, cancellationToken: Cancellation)).IsEqual);
    }

    private static ServiceProvider Create(int window) =>
        new ServiceCollection().AddMessagingPatterns().AddContractEvents().AddInMemoryEventStore(store => store.AppendIdWindow = window).Services.BuildServiceProvider();

    private static EventData Rich(string id, RawEvent? payload = null) =>
        new(payload ?? (object)new Charged(7)) { Id = id, Time = Time, Metadata = new Dictionary<string, string> { ["by"] = "Ada", ["why"] = "ü" } };

    private static ValueTask<AppendResult> AppendAsync(IEventStore store, StreamId stream, params EventData[] events) =>
        store.AppendAsync(stream, ExpectedVersion.Any, events, cancellationToken: Cancellation);

    private async Task AppendManyAsync(int count)
    {
        for (var number = 0; number < count; number++)
        {
            await AppendAsync(Source, new StreamId("account", $"{number % 4}"), new EventData(new Charged(number)));
        }
    }

    private static ValueTask<List<string>> DescribeAsync(IEventReader reader, StreamId stream) => reader.ReadStreamAsync(stream, new() { Raw = true }, Cancellation)
        .Select(one => $"{one.Version} {one.AppendId} {one.Id} {one.Type} {one.Time:O} {string.Join(',', one.Metadata.OrderBy(entry => entry.Key))} {((RawEvent)one.Payload).ContentType} {Convert.ToHexString(((RawEvent)one.Payload).Data.Span)}")
        .ToListAsync(Cancellation);

    private sealed class Told(Action<EventCopyProgress> tell) : IProgress<EventCopyProgress>
    {
        public void Report(EventCopyProgress value) => tell(value);
    }

    /// <summary>A clock on which whoever waits has waited.</summary>
    private sealed class HurriedClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }

    /// <summary>A feed that fails once it has given some events.</summary>
    private sealed class FailingFeed(IEventFeed feed, int events) : IEventFeed
    {
        public async IAsyncEnumerable<RecordedEvent> ReadAllAsync(Position after, FeedReadOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var recorded in feed.ReadAllAsync(after, options, cancellationToken).Take(events))
            {
                yield return recorded;
            }

            throw new TimeoutException("The database is away.");
        }
    }

    /// <summary>A store of which every third answer gets lost.</summary>
    private sealed class FailingStore(IEventStore store, bool isAccepted) : IEventStore
    {
        private int _calls;

        public StreamId? Refused { get; init; }

        public int Failures { get; private set; }

        public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(StreamId stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default) =>
            store.ReadStreamAsync(stream, options, cancellationToken);

        public async ValueTask<AppendResult> AppendAsync(
            StreamId stream, ExpectedVersion expected, IReadOnlyList<EventData> events, AppendOptions? options = null, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            var fails = stream == Refused ? throw new ArgumentException("No such streams here.") : Interlocked.Increment(ref _calls) % 3 == 0;

            if (fails && !isAccepted)
            {
                throw Lose(stream);
            }

            var result = await store.AppendAsync(stream, expected, events, options, cancellationToken);
            return fails ? throw Lose(stream) : result;
        }

        public ValueTask<AppendResolution> ResolveAsync(PendingAppend pending, CancellationToken cancellationToken = default) => store.ResolveAsync(pending, cancellationToken);

        private AppendOutcomeUnknownException Lose(StreamId stream)
        {
            lock (this)
            {
                Failures++;
            }

            return new(new PendingAppend { Stream = stream, Id = AppendId.New(), FirstVersion = 1, Count = 1, Base = Position.Start });
        }
    }
}
