using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>One node that loses what it had acknowledged: the end of a log with a power cut, or everything with its disk.</summary>
public sealed class LostLogTests(OwnKafka kafka) : IClassFixture<OwnKafka>
{
    [Fact]
    public async Task A_log_that_lost_its_end_with_a_power_cut_stops_everybody_who_has_folded_it()
    {
        var cluster = await kafka.GetAsync();
        using var folder = new TempFolder();
        var setup = new StoreSetup(cluster.BootstrapServers, KafkaTopics.UniqueName("cut")) { Topic = topic => topic.Partitions = 1 };
        var down = setup with { Folder = folder.Path };
        await using var instance = await StoreInstance.StartAsync(setup);

        // Before others start: a writer that finds the partition still empty would put a second barrier into it, and every offset would be another.
        await instance.ReadyAsync();
        await using var reader = await StoreInstance.StartAsync(setup with { Writes = false });
        await using (var other = await StoreInstance.StartAsync(down))
        {
            for (var version = 1; version <= 5; version++)
            {
                var result = await instance.NoteAsync("1", $"{version}");
                await other.ReadAsync("1", ReadConsistency.Session(result.Position));
                await reader.ReadAsync("1", ReadConsistency.Session(result.Position));
            }
        }

        await cluster.KillNodeAsync(1);
        await CutAsync(cluster.LogFileOf(1, setup.TopicName, 0), bytes: 20);
        await cluster.StartNodeAsync(1);

        await UntilStoppedAsync(instance);
        await UntilStoppedAsync(reader);
        Assert.Contains("is folded up to offset 6, but it now ends at 5", (await StoppedAsync(down)).Message, StringComparison.Ordinal);

        await using (var stranger = await StoreInstance.StartAsync(setup))
        {
            Assert.Equal(5, (await stranger.NoteAsync("1", "another fifth")).Version);
            await stranger.NoteAsync("1", "sixth");
        }

        // As long as before, and longer.
        var stopped = await StoppedAsync(down);
        Assert.Contains("offset 5 must hold append", stopped.Message, StringComparison.Ordinal);
        Assert.Contains("but it holds", stopped.Message, StringComparison.Ordinal);

        folder.Clear();
        await using var rebuilt = await StoreInstance.StartAsync(down);
        Assert.Equal(["1", "2", "3", "4", "another fifth", "sixth"], (await rebuilt.ReadAsync("1", ReadConsistency.Strong)).Texts());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_cluster_at_the_same_address_is_told_by_its_id_even_with_the_same_records(bool isReader)
    {
        var cluster = await kafka.GetAsync();
        using var folder = new TempFolder();
        var setup = new StoreSetup(cluster.BootstrapServers, KafkaTopics.UniqueName("moved"))
        {
            Topic = topic => topic.Partitions = 1,
            Store = store => store.TopicCheckInterval = TimeSpan.FromMilliseconds(100),
        };
        var down = setup with { Folder = folder.Path, Reads = isReader, Writer = writer => writer.CheckpointPath = "versions" };
        await using var instance = await StoreInstance.StartAsync(setup);
        await instance.ReadyAsync();
        await using (var other = await StoreInstance.StartAsync(down))
        {
            await other.NoteAsync("1", "before");
        }

        var log = RawLog.Read(setup.BootstrapServers, setup.TopicName);
        await cluster.ReplaceNodeAsync(1);
        await Topics.CreateAsync(setup.BootstrapServers, setup.TopicName, 1);
        RawLog.Repeat(setup.BootstrapServers, log);

        await UntilStoppedAsync(instance);
        var stopped = await StoppedAsync(down);
        Assert.Contains("in cluster '", stopped.Message, StringComparison.Ordinal);
        Assert.Contains("or the address leads to another cluster", stopped.Message, StringComparison.Ordinal);

        folder.Clear();
        await using var rebuilt = await StoreInstance.StartAsync(down);
        Assert.Equal(2, (await rebuilt.NoteAsync("1", "goes on", ExpectedVersion.Exactly(1))).Version);
    }

    private static async Task CutAsync(string path, int bytes)
    {
        var length = LengthOfRecords(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        await using var file = File.Open(path, FileMode.Open);
        file.SetLength(length - bytes);
    }

    // Each batch says at its byte 8 how long it is behind that; a log file may go on with zeros.
    private static int LengthOfRecords(byte[] bytes)
    {
        var length = 0;

        while (length + 12 <= bytes.Length && System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(length + 8)) is > 0 and var size)
        {
            length += 12 + size;
        }

        return length;
    }

    private static async Task UntilStoppedAsync(StoreInstance instance)
    {
        while (instance.EventLog.Topics.Single().All.Single().Failure is null)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<EventStoreStoppedException> StoppedAsync(StoreSetup setup)
    {
        await using var instance = await StoreInstance.StartAsync(setup);
        return await Assert.ThrowsAsync<EventStoreStoppedException>(instance.ReadyAsync);
    }
}
