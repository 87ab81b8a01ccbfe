using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Publishing;
using Messaging.Patterns.Serialization;

namespace Messaging.Patterns.ContractTests.Publishing;

/// <summary>Publishing events that are in no stream: topic and key by their route, in order per key, each with id, time and metadata.</summary>
/// <remarks>Whoever inherits registers a route of <see cref="Opened"/> with the owner as key, and one of <see cref="Unwritable"/>.</remarks>
[ContractOf(typeof(IEventPublisher))]
public abstract class EventPublisherContract(Instances instances) : Contract(instances)
{
    protected override IEnumerable<Type> Abstractions => [typeof(IEventPublisher)];

    private IEventPublisher Publisher => First<IEventPublisher>();

    [Fact]
    public async Task A_published_event_is_stored_in_the_topic_and_under_the_key_of_its_route()
    {
        var (key, time) = (NewKey(), new DateTimeOffset(2026, 2, 28, 23, 59, 59, TimeSpan.FromHours(9)).AddTicks(1234567));
        var metadata = new Dictionary<string, string> { ["correlationid"] = "c \"1\" ü", ["logbase"] = "free here" };

        await Publisher.PublishAsync(new EventData(new Opened(key)) { Id = "my own id/1", Time = time, Metadata = metadata }, Cancellation);

        var published = Assert.Single(await ReadAsync(key, count: 1));
        Assert.Equal((key, "my own id/1", "contract-opened", time), (published.Key, published.Id, published.Type, published.Time));
        Assert.Equal(new Opened(key), published.Payload);
        Assert.Equal(metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal), published.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_event_without_id_and_time_gets_a_new_id_and_the_time_of_the_call()
    {
        var (key, before) = (NewKey(), DateTimeOffset.UtcNow);

        await Publisher.PublishAsync(new EventData(new Opened(key)), Cancellation);
        await Publisher.PublishAsync(new EventData(new Opened(key)), Cancellation);

        var published = await ReadAsync(key, count: 2);
        Assert.Equal(2, published.Select(one => one.Id).Distinct().Count());
        Assert.All(published, one => Assert.InRange(one.Time, before, DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task Events_of_one_key_are_stored_in_the_order_in_which_they_were_handed_over()
    {
        const int Count = 200;
        var keys = Enumerable.Range(0, 3).Select(_ => NewKey()).ToList();

        var positions = await Task.WhenAll(Enumerable.Range(0, Count).SelectMany(number => keys.Select(key =>
            Publisher.PublishAsync(new EventData(new Opened(key)) { Id = $"{number}" }, Cancellation).AsTask())));

        foreach (var (key, index) in keys.Select((key, index) => (key, index)))
        {
            Assert.Equal(Enumerable.Range(0, Count).Select(number => $"{number}"), (await ReadAsync(key, Count)).Select(one => one.Id));
            Assert.True(positions[^(3 - index)].Covers(positions[index]));
        }
    }

    [Fact]
    public async Task An_event_published_again_keeps_its_id()
    {
        var key = NewKey();
        var data = new EventData(new Opened(key)) { Id = "same" };

        var first = await Publisher.PublishAsync(data, Cancellation);
        var second = await Publisher.PublishAsync(data, Cancellation);

        Assert.Equal(["same", "same"], (await ReadAsync(key, count: 2)).Select(one => one.Id));
        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task A_tombstone_is_stored_in_its_place_among_the_events_of_its_key()
    {
        var key = NewKey();

        await Publisher.PublishAsync(new EventData(new Opened(key)) { Id = "before" }, Cancellation);
        var position = await Publisher.PublishTombstoneAsync<Opened>(key, Cancellation);
        var after = await Publisher.PublishAsync(new EventData(new Opened(key)) { Id = "after" }, Cancellation);

        var published = await ReadAsync(key, count: 3);
        Assert.Equal(["contract-opened", Tombstone.TypeName, "contract-opened"], published.Select(one => one.Type));
        Assert.Equal(("before", "after", Tombstone.Instance), (published[0].Id, published[2].Id, published[1].Payload));
        Assert.True(after.Covers(position));
    }

    [Fact]
    public async Task An_event_without_route_is_refused_by_name()
    {
        Assert.Equal(typeof(Charged).FullName, (await Assert.ThrowsAsync<UnknownEventTypeException>(() => Publisher.PublishTombstoneAsync<Charged>("key", Cancellation).AsTask())).Type);
        Assert.Equal(typeof(Charged).FullName, (await Assert.ThrowsAsync<UnknownEventTypeException>(() => PublishAsync(new Charged(1)))).Type);
        Assert.Equal(typeof(Unregistered).FullName, (await Assert.ThrowsAsync<UnknownEventTypeException>(() => PublishAsync(new Unregistered(1)))).Type);
        await Assert.ThrowsAsync<ArgumentNullException>("event", () => Publisher.PublishAsync(null!, Cancellation).AsTask());
    }

    [Theory]
    [InlineData("")]
    [InlineData("abcdefghijklmnopqrstu")]
    [InlineData("Upper")]
    [InlineData("id")]
    [InlineData("data")]
    [InlineData("traceparent")]
    public async Task Metadata_with_a_name_that_is_invalid_or_taken_is_refused(string name)
    {
        var data = new EventData(new Opened(NewKey())) { Metadata = new Dictionary<string, string> { [name] = "value" } };

        var exception = await Assert.ThrowsAsync<ArgumentException>(() => Publisher.PublishAsync(data, Cancellation).AsTask());

        Assert.Contains($"'{name}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_refused_or_cancelled_before_it_is_handed_over_is_not_stored()
    {
        var key = NewKey();

        await Assert.ThrowsAsync<EventSerializationException>(() => PublishAsync(new Unwritable(1)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Publisher.PublishAsync(new EventData(new Opened(key)) { Id = "never" }, new CancellationToken(canceled: true)).AsTask());
        await Publisher.PublishAsync(new EventData(new Opened(key)) { Id = "only" }, Cancellation);

        Assert.Equal("only", Assert.Single(await ReadAsync(key, count: 1)).Id);
    }

    [Fact]
    public async Task Whoever_stops_waiting_leaves_the_order_as_it_was()
    {
        var key = NewKey();
        var published = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => TryAsync(key, number)));
        await Publisher.PublishAsync(new EventData(new Opened(key)) { Id = "50" }, Cancellation);

        // The last one is behind all that were handed over before.
        var stored = (await ReadAsync(key, found => found is [.., { Id: "50" }])).Select(one => int.Parse(one.Id, System.Globalization.CultureInfo.InvariantCulture)).ToList();

        Assert.Equal(stored.Order(), stored);
        Assert.Subset(stored.ToHashSet(), published.Where(one => one.IsStored).Select(one => one.Number).ToHashSet());
    }

    /// <summary>Returns the first events of a key in their order, once they are complete.</summary>
    protected abstract Task<IReadOnlyList<StoredMessage>> ReadAsync(string key, Func<IReadOnlyList<StoredMessage>, bool> isComplete);

    private Task<IReadOnlyList<StoredMessage>> ReadAsync(string key, int count) => ReadAsync(key, found => found.Count == count);

    private static string NewKey() => $"owner {Guid.NewGuid():N}";

    private Task<Position> PublishAsync(object payload) => Publisher.PublishAsync(new EventData(payload), Cancellation).AsTask();

    private async Task<(int Number, bool IsStored)> TryAsync(string key, int number)
    {
        using var cancelling = new CancellationTokenSource();
        var publishing = Publisher.PublishAsync(new EventData(new Opened(key)) { Id = $"{number}" }, cancelling.Token).AsTask();

        if (number % 2 == 0)
        {
            await cancelling.CancelAsync();
        }

        try
        {
            await publishing;
            return (number, true);
        }
        catch (OperationCanceledException)
        {
            return (number, false);
        }
    }
}
