using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>One stream of a million events, in frames of a thousand.</summary>
public sealed class LongStreamTests(OneNodeKafka kafka)
{
    private const int PerFrame = 1_000;
    private const int Frames = 1_000;
    private const int Count = PerFrame * Frames;

    private const int Sampled = 100;

    [Fact]
    public async Task A_stream_of_a_million_events_is_read_from_anywhere_without_being_held_decided_on_and_restarted_with()
    {
        using var folder = new TempFolder();
        var setup = new StoreSetup(await kafka.GetAsync(), KafkaTopics.UniqueName("long")) { Folder = folder.Path, Topic = topic => topic.Partitions = 1 };
        await using (var instance = await StoreInstance.StartAsync(setup))
        {
            await AppendAsync(instance);
            await AssertReadWholeAsync(instance);
            await AssertReadFromAsync(instance);
            await AssertFeedAsync(instance);
            var decided = await instance.Store.DecideAsync(
                new StreamId("note", "1"), new Decider<int>(0, (count, _) => count + 1), count => [new Noted($"{count}")], cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(Count + 1, decided.Version);
        }

        await using var restarted = await StoreInstance.StartAsync(setup);
        Assert.Equal(["1000000"], (await restarted.ReadAsync("1", new StreamReadOptions { FromVersion = Count + 1, Consistency = ReadConsistency.Strong })).Texts());
        Assert.Equal(Count + 2, (await restarted.NoteAsync("1", "goes on", ExpectedVersion.Exactly(Count + 1))).Version);
        Assert.Contains(restarted.Log.Entries, entry => entry.Id == 1300 && entry.Text.EndsWith(": 0 records to go.", StringComparison.Ordinal));
    }

    private static async Task AppendAsync(StoreInstance instance)
    {
        for (var frame = 0; frame < Frames; frame++)
        {
            var events = Enumerable.Range(frame * PerFrame, PerFrame).Select(number => new EventData(new Noted($"{number}"))).ToList();
            await instance.Writer.AppendAsync(new("note", "1"), ExpectedVersion.Exactly(frame * PerFrame), events, cancellationToken: TestContext.Current.CancellationToken);
        }
    }

    private static async Task AssertReadWholeAsync(StoreInstance instance)
    {
        var version = 0L;
        var seen = new List<WeakReference<RecordedEvent>>();

        await foreach (var recorded in instance.Reader.ReadStreamAsync(new("note", "1"), new() { Consistency = ReadConsistency.Strong }, TestContext.Current.CancellationToken))
        {
            Assert.Equal(++version, recorded.Version);
            Assert.Equal($"{version - 1}", ((Noted)recorded.Payload).Text);

            AssertForgotten(seen, recorded);
        }

        Assert.Equal(Count, version);
    }

    private static async Task AssertReadFromAsync(StoreInstance instance)
    {
        foreach (var from in new[] { 1, 2, PerFrame, PerFrame + 1, (Count / 2) + 7, Count - 1, Count })
        {
            var expected = Enumerable.Range(from - 1, Math.Min(3, Count - from + 1)).Select(number => $"{number}");
            Assert.Equal(expected, (await instance.ReadAsync("1", new StreamReadOptions { FromVersion = from, MaxCount = 3 })).Texts());
        }

        Assert.Empty(await instance.ReadAsync("1", new StreamReadOptions { FromVersion = Count + 1 }));
        Assert.Equal(250_000, (await instance.ReadAsync("1", new StreamReadOptions { FromVersion = 500_001, MaxCount = 250_000, Raw = true })).Count);
    }

    private static async Task AssertFeedAsync(StoreInstance instance)
    {
        var version = 0L;
        var seen = new List<WeakReference<RecordedEvent>>();

        await foreach (var recorded in instance.Feed.ReadAllAsync(Position.Start, new() { Raw = true }, TestContext.Current.CancellationToken))
        {
            Assert.Equal(++version, recorded.Version);

            AssertForgotten(seen, recorded);
        }

        Assert.Equal(Count, version);
    }

    /// <summary>Of the events read so far only those of a few frames may still be in memory. How much memory the process uses says nothing: other tests run in it.</summary>
    private static void AssertForgotten(List<WeakReference<RecordedEvent>> seen, RecordedEvent recorded)
    {
        if (recorded.Version % Sampled == 0)
        {
            seen.Add(new(recorded));
        }

        if (recorded.Version % (Count / 5) == PerFrame / 2)
        {
            GC.Collect();
            Assert.InRange(seen.Count(one => one.TryGetTarget(out _)), 0, 3 * PerFrame / Sampled);
        }
    }
}
