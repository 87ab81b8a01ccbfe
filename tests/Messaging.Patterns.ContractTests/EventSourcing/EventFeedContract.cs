using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.ContractTests.EventSourcing;

/// <summary>Reading all events: each exactly once, none missed, in order per stream.</summary>
[ContractOf(typeof(IEventFeed))]
public abstract class EventFeedContract(Instances instances) : EventStoreContract(instances)
{
    protected override IEnumerable<Type> Abstractions => [typeof(IEventFeed)];

    private IEventFeed Feed => First<IEventFeed>();

    [Fact]
    public async Task Every_event_comes_once_and_in_the_order_of_its_stream()
    {
        var streams = await WriteAsync(streams: 20, appends: 5);

        var events = await ReadAllAsync(Position.Start, streams);

        Assert.Equal(20 * 5 * 2, events.Count);
        Assert.All(streams, stream => AssertGapless([.. events.Where(recorded => recorded.Stream == stream)]));
    }

    [Fact]
    public async Task The_feed_shows_what_the_stream_shows()
    {
        var stream = NewStream();
        await AppendAsync(stream, ExpectedVersion.NoStream, new(new Opened("Ada")) { Metadata = new Dictionary<string, string> { ["a"] = "1" } }, new(new Charged(1)));

        var fromFeed = await ReadAllAsync(Position.Start, [stream]);

        var fromStream = await ReadAsync(Store, stream, Strong with { Raw = true });
        Assert.Equal(fromStream.Select(Describe), fromFeed.Select(Describe));
    }

    [Fact]
    public async Task A_read_after_a_position_brings_what_it_does_not_cover()
    {
        var stream = NewStream();
        await AppendAsync(stream, ExpectedVersion.Any, Charges(2));
        var covered = await AppendAsync(stream, ExpectedVersion.Any, Charges(2));
        var next = await AppendAsync(stream, ExpectedVersion.Any, Charges(2));

        Assert.Equal([5L, 6L], (await ReadAllAsync(covered.Position, [stream])).Select(recorded => recorded.Version));
        Assert.Empty(await ReadAllAsync(next.Position, [stream]));
    }

    [Fact]
    public async Task A_read_goes_on_where_the_merged_positions_of_the_events_received_end()
    {
        const int AtATime = 7;
        var (end, received) = (await EndAsync(), new List<RecordedEvent>());
        var (position, streams) = (end, await WriteAsync(streams: 10, appends: 4));
        await Task.WhenAll(streams.Select(CatchUpAsync));

        for (var count = -1; count < received.Count;)
        {
            count = received.Count;

            // A few events at a time, each time up to the end of an append.
            await foreach (var recorded in Feed.ReadAllAsync(position, new() { Raw = true }, Cancellation))
            {
                if (received.Count >= count + AtATime && !position.Covers(recorded.Position))
                {
                    break;
                }

                position = position.Merge(recorded.Position);
                received.Add(recorded);
            }
        }

        // What other tests left under way may come in between.
        Assert.Equal(10 * 4 * 2, received.Count(recorded => streams.Contains(recorded.Stream)));
        Assert.All(streams, stream => AssertGapless([.. received.Where(recorded => recorded.Stream == stream)]));
    }

    [Fact]
    public async Task A_read_ends_at_what_the_store_held_when_it_began()
    {
        var stream = NewStream();
        var before = await AppendAsync(stream, ExpectedVersion.Any, Charges(1));
        await AppendAsync(stream, ExpectedVersion.Any, Charges(1));
        await CatchUpAsync(stream);
        await using var events = Feed.ReadAllAsync(before.Position, new() { Raw = true }, Cancellation).Where(recorded => recorded.Stream == stream).GetAsyncEnumerator(Cancellation);
        Assert.True(await events.MoveNextAsync());

        await AppendAsync(stream, ExpectedVersion.Any, Charges(1));
        await CatchUpAsync(stream);

        Assert.Equal(2, events.Current.Version);
        Assert.False(await events.MoveNextAsync());
    }

    [Fact]
    public async Task A_following_read_brings_what_all_instances_append_meanwhile()
    {
        const int Streams = 10;
        var streams = Enumerable.Range(0, Streams).Select(_ => NewStream()).ToList();
        var following = Feed.ReadAllAsync(await EndAsync(), new() { Follow = true }, Cancellation)
            .Where(recorded => streams.Contains(recorded.Stream)).Take(Streams * 20).ToListAsync(Cancellation).AsTask();

        await Task.WhenAll(streams.SelectMany(stream => Enumerable.Range(0, 10).Select(append =>
            (append % 2 == 0 ? Store : Other).AppendAsync(stream, ExpectedVersion.Any, Charges(2), cancellationToken: Cancellation).AsTask())));

        var events = await following;
        Assert.All(streams, stream => AssertGapless([.. events.Where(recorded => recorded.Stream == stream)]));
        Assert.All(streams, stream => Assert.Equal(20, events.Count(recorded => recorded.Stream == stream)));
    }

    [Fact]
    public async Task A_following_read_lasts_until_it_is_cancelled()
    {
        using var cancelling = new CancellationTokenSource();
        await using var events = Feed.ReadAllAsync(await EndAsync(), new() { Follow = true, Raw = true }, cancelling.Token).GetAsyncEnumerator(Cancellation);
        var next = events.MoveNextAsync().AsTask();

        Assert.False(next.IsCompleted);
        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task Payloads_are_decoded_and_upcast_unless_the_read_is_raw()
    {
        var (stream, end) = (NewStream(), await EndAsync());
        await AppendAsync(stream, ExpectedVersion.Any, new(new Charged(7)), new(new RawEvent("contract-charged-in-cents", "{\"cents\":900}"u8.ToArray())));
        await CatchUpAsync(stream);

        Assert.Equal([new Charged(7), new Charged(9)], await Feed.ReadAllAsync(end, cancellationToken: Cancellation).Select(recorded => recorded.Payload).ToListAsync(Cancellation));
        Assert.All(await ReadAllAsync(end, [stream]), recorded => Assert.IsType<RawEvent>(recorded.Payload));
    }

    [Fact]
    public async Task An_unknown_type_ends_the_read_with_its_name()
    {
        var (stream, end) = (NewStream(), await EndAsync());
        await AppendAsync(stream, ExpectedVersion.Any, new EventData(new RawEvent("nobody-knows", "{}"u8.ToArray())));
        await CatchUpAsync(stream);

        var exception = await Assert.ThrowsAsync<UnknownEventTypeException>(() => Feed.ReadAllAsync(end, cancellationToken: Cancellation).ToListAsync(Cancellation).AsTask());

        Assert.Equal("nobody-knows", exception.Type);
    }

    [Fact]
    public async Task A_cancelled_read_ends_between_two_events()
    {
        var (stream, end) = (NewStream(), await EndAsync());
        await AppendAsync(stream, ExpectedVersion.Any, Charges(1));
        await AppendAsync(stream, ExpectedVersion.Any, Charges(1));
        await CatchUpAsync(stream);
        using var cancelling = new CancellationTokenSource();
        await using var events = Feed.ReadAllAsync(end, cancellationToken: cancelling.Token).GetAsyncEnumerator(Cancellation);
        Assert.True(await events.MoveNextAsync());

        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => events.MoveNextAsync().AsTask());
    }

    [Fact]
    public async Task A_position_is_needed_and_a_cancelled_read_does_not_begin()
    {
        await Assert.ThrowsAsync<ArgumentNullException>("after", () => Feed.ReadAllAsync(null!, cancellationToken: Cancellation).ToListAsync(Cancellation).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Feed.ReadAllAsync(Position.Start, cancellationToken: new CancellationToken(canceled: true)).ToListAsync(Cancellation).AsTask());
    }

    private static string Describe(RecordedEvent recorded) =>
        $"{recorded.Stream} {recorded.Version} {recorded.Id} {recorded.Type} {recorded.Time:O} {recorded.Position} {recorded.AppendId} {string.Join(',', recorded.Metadata)} "
        + System.Text.Encoding.UTF8.GetString(((RawEvent)recorded.Payload).Data.Span);

    /// <summary>Returns the events of some streams; raw, since other tests store what nobody can decode.</summary>
    private async Task<List<RecordedEvent>> ReadAllAsync(Position after, IReadOnlyList<StreamId> streams)
    {
        await Task.WhenAll(streams.Select(CatchUpAsync));
        return await Feed.ReadAllAsync(after, new() { Raw = true }, Cancellation).Where(recorded => streams.Contains(recorded.Stream)).ToListAsync(Cancellation);
    }

    private Task CatchUpAsync(StreamId stream) => ReadAsync(Store, stream, Strong with { Raw = true }).AsTask();

    private async Task<Position> EndAsync() =>
        await Feed.ReadAllAsync(Position.Start, new() { Raw = true }, Cancellation).AggregateAsync(Position.Start, (position, recorded) => position.Merge(recorded.Position), Cancellation);

    private async Task<List<StreamId>> WriteAsync(int streams, int appends)
    {
        var ids = Enumerable.Range(0, streams).Select(_ => NewStream()).ToList();
        await Task.WhenAll(ids.SelectMany(stream => Enumerable.Range(0, appends).Select(append =>
            (append % 2 == 0 ? Store : Other).AppendAsync(stream, ExpectedVersion.Any, Charges(2), cancellationToken: Cancellation).AsTask())));
        return ids;
    }
}
