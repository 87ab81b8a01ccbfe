using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Log;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>The tail of a partition rests while one process appends alone; nobody may notice but by the clock.</summary>
public sealed class TailRestTests(OneNodeKafka kafka)
{
    [Fact]
    public async Task A_writer_whose_tail_rests_meets_what_another_appended_meanwhile()
    {
        var (one, other) = await StartTwoAsync();
        var version = await AppendUntilRestingAsync(one);

        Assert.Equal(version + 1, (await other.NoteAsync("1", "other", ExpectedVersion.Any)).Version);
        var conflict = await Assert.ThrowsAsync<StreamConflictException>(() => one.NoteAsync("1", "stale", ExpectedVersion.Exactly(version)).AsTask());
        Assert.Equal(version + 1, conflict.Actual);
        Assert.Equal(version + 2, (await one.NoteAsync("1", "one", ExpectedVersion.Exactly(version + 1))).Version);

        foreach (var instance in new[] { one, other })
        {
            var events = await instance.ReadAsync("1", ReadConsistency.Strong);
            Assert.Equal(Enumerable.Range(1, (int)version + 2).Select(number => (long)number), events.Select(recorded => recorded.Version));
            Assert.Equal(["other", "one"], events.Texts().TakeLast(2));
        }

        await StopAsync(one, other);
    }

    [Fact]
    public async Task A_tail_that_rests_looks_by_itself_when_nothing_is_appended()
    {
        var (one, other) = await StartTwoAsync();
        var version = await AppendUntilRestingAsync(one);

        var result = await other.NoteAsync("1", "other", ExpectedVersion.Exactly(version));

        Assert.Equal("other", (await one.ReadAsync("1", ReadConsistency.Session(result.Position))).Texts().Last());
        Assert.False(PartitionOf(one).IsResting);
        await StopAsync(one, other);
    }

    [Fact]
    public async Task Two_writers_that_rest_and_wake_by_turns_agree_on_every_event()
    {
        var (one, other) = await StartTwoAsync();

        for (var turn = 0; turn < 5; turn++)
        {
            await AppendUntilRestingAsync(one);
            await AppendUntilRestingAsync(other);
            await Task.WhenAll(Enumerable.Range(0, 50).SelectMany(number =>
                new[] { one.NoteAsync("1", $"{number}", ExpectedVersion.Any).AsTask(), other.NoteAsync("1", $"{number}", ExpectedVersion.Any).AsTask() }));
        }

        var events = await one.ReadAsync("1", ReadConsistency.Strong);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(recorded => recorded.Version));
        Assert.Equal(events.Select(recorded => recorded.Id), (await other.ReadAsync("1", ReadConsistency.Strong)).Select(recorded => recorded.Id));
        await StopAsync(one, other);
    }

    private static LogPartition PartitionOf(StoreInstance instance) => instance.EventLog.Topics.Single().All.Single();

    private static async Task<long> AppendUntilRestingAsync(StoreInstance instance)
    {
        while (true)
        {
            var result = await instance.NoteAsync("1", "own", ExpectedVersion.Any);

            if (PartitionOf(instance).IsResting)
            {
                return result.Version;
            }
        }
    }

    private static async Task StopAsync(StoreInstance one, StoreInstance other)
    {
        await one.DisposeAsync();
        await other.DisposeAsync();
    }

    private async Task<(StoreInstance One, StoreInstance Other)> StartTwoAsync()
    {
        var setup = new StoreSetup(await kafka.GetAsync(), KafkaTopics.UniqueName("rests")) { Topic = topic => topic.Partitions = 1 };
        var instances = await StoreInstance.StartAllAsync(setup, setup);
        return (instances[0], instances[1]);
    }
}
