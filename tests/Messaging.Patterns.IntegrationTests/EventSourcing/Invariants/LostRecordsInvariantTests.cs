using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Storage.Sqlite;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Patterns.IntegrationTests.EventSourcing.Invariants;

/// <summary>A node that missed acknowledged records becomes leader by force: everybody who has folded them stops.</summary>
[Collection(KillsNodes.Name)]
public sealed class LostRecordsInvariantTests(ThreeNodeKafka kafka)
{
    private const int Kept = 20;
    private const int Lost = 10;

    [Fact]
    public async Task Invariant_9_an_unclean_election_that_loses_records_stops_everybody_who_has_folded_them()
    {
        var cluster = await kafka.GetClusterAsync();
        using var folders = new TempFolder();

        // Two copies, of which one is enough, as the log contract forbids: with three nodes in all, two copies cannot be lost and a quorum be left.
        var setup = new StoreSetup(cluster.BootstrapServers, await CreateTopicAsync(cluster.BootstrapServers)) { Topic = _ => { }, Store = store => store.Provisioning = ProvisioningMode.None };
        StoreSetup At(string name) => setup with { Folder = Directory.CreateDirectory(Path.Combine(folders.Path, name)).FullName };
        var (down, downWriter) = (At("down"), At("down writer") with { Reads = false, Writer = writer => writer.CheckpointPath = "versions" });
        await using var instance = await StoreInstance.StartAsync(At("running"));
        await using var writer = await StoreInstance.StartAsync(setup with { Reads = false });
        await using var reader = await StoreInstance.StartAsync(setup with { Writes = false, Reader = options => options.InMemory = true });
        var killed = new HashSet<int>();

        try
        {
            await AppendAsync(instance, Kept);
            await KillAsync(cluster, killed, 2);
            await UntilAsync(setup, partition => partition.InSyncReplicas.Length == 1);
            await using (var first = await StoreInstance.StartAsync(down))
            await using (var second = await StoreInstance.StartAsync(downWriter))
            {
                var last = await AppendAsync(instance, Lost);
                await Task.WhenAll(new[] { instance, writer, reader, first, second }.Select(one => UntilFoldedAsync(one, last)));
            }

            await KillAsync(cluster, killed, 1);
            await StartAsync(cluster, killed, 2);
            await ElectUncleanAsync(setup);

            foreach (var running in new[] { instance, writer, reader })
            {
                await UntilStoppedAsync(running);
            }

            // The log is shorter than what they have folded, and later longer.
            await AssertRefusedAsync(down, "the log is folded up to offset");
            await AssertRefusedAsync(downWriter, "the log is folded up to offset");
            await using (var stranger = await StoreInstance.StartAsync(setup))
            {
                Assert.Equal(Kept + Lost + 5, (await AppendAsync(stranger, Lost + 5)).Version);
            }

            await AssertRefusedAsync(down, "must hold");
            await AssertRefusedAsync(downWriter, "must hold");
        }
        finally
        {
            foreach (var id in killed.ToList())
            {
                await StartAsync(cluster, killed, id);
            }
        }

        await AssertLocalStoreHasAllAsync(setup, Path.Combine(down.Folder!, "data", "event-store.db"));
        await AssertRebuiltAsync(down);
    }

    private static async Task<string> CreateTopicAsync(string servers)
    {
        var name = KafkaTopics.UniqueName("lost");
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
        await admin.CreateTopicsAsync(
            [new() { Name = name, NumPartitions = 1, ReplicasAssignments = new() { [0] = [1, 2] }, Configs = new(Topics.Contract) { ["min.insync.replicas"] = "1" } }]);
        await KafkaTopics.WaitForLeadersAsync(servers, name, 1);
        return name;
    }

    private static async Task<AppendResult> AppendAsync(StoreInstance instance, int count)
    {
        AppendResult? result = null;

        for (var number = 0; number < count; number++)
        {
            result = await instance.NoteAsync("1", $"{number}");
        }

        return result!;
    }

    private static async Task UntilFoldedAsync(StoreInstance instance, AppendResult last)
    {
        await instance.ReadyAsync();
        var partition = instance.EventLog.Topics.Single().All.Single();

        while (partition.Progress.Next < last.Position.Next(partition.Name))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    // It is said last.
    private static async Task UntilStoppedAsync(StoreInstance instance)
    {
        while (!instance.Log.Entries.Any(entry => entry.Id == 1310))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.NotNull(instance.EventLog.Topics.Single().All.Single().Failure);
    }

    private static async Task KillAsync(KafkaCluster cluster, HashSet<int> killed, int id)
    {
        await cluster.KillNodeAsync(id);
        killed.Add(id);
    }

    private static async Task StartAsync(KafkaCluster cluster, HashSet<int> killed, int id)
    {
        await cluster.StartNodeAsync(id);
        killed.Remove(id);
    }

    private static Task UntilAsync(StoreSetup setup, Predicate<PartitionMetadata> isReached) =>
        KafkaTopics.WaitUntilAsync(setup.BootstrapServers, setup.TopicName, partitions => isReached(partitions.Single()));

    private static async Task ElectUncleanAsync(StoreSetup setup)
    {
        await UntilAsync(setup, partition => partition.Leader < 0);
        var elected = await KafkaTools.ElectUncleanLeaderAsync(setup.BootstrapServers, setup.TopicName, 0);
        Assert.True(elected.ExitCode == 0, $"{elected.Output} {elected.Errors}");
        await UntilAsync(setup, partition => partition.Leader == 2);
    }

    /// <summary>Twice, since a start that is refused must leave everything as it was.</summary>
    private static async Task AssertRefusedAsync(StoreSetup setup, string reason)
    {
        for (var start = 0; start < 2; start++)
        {
            await using var instance = await StoreInstance.StartAsync(setup);
            var stopped = await Assert.ThrowsAsync<EventStoreStoppedException>(instance.ReadyAsync);
            Assert.Contains(reason, stopped.Message, StringComparison.Ordinal);
            Assert.Contains($"topic '{setup.TopicName}', partition 0", stopped.Message, StringComparison.Ordinal);
        }
    }

    private static async Task AssertLocalStoreHasAllAsync(StoreSetup setup, string path)
    {
        await using var store = new SqliteStreamStore(path, windowSize: 10, NullLogger.Instance);
        var partition = store.OpenPartition(setup.TopicName, 0);
        partition.Restore();
        Assert.Equal(Kept + Lost, store.ReadStream(partition, new("note", "1"), 1, 1_000).Count);
    }

    private static async Task AssertRebuiltAsync(StoreSetup setup)
    {
        Directory.Delete(setup.Folder!, recursive: true);
        Directory.CreateDirectory(setup.Folder!);
        await using var rebuilt = await StoreInstance.StartAsync(setup);
        var events = await rebuilt.ReadAsync("1", ReadConsistency.Strong);
        Assert.Equal(Enumerable.Range(1, Kept + Lost + 5).Select(version => (long)version), events.Select(recorded => recorded.Version));
        Assert.Equal(Kept + Lost + 6, (await rebuilt.NoteAsync("1", "goes on", ExpectedVersion.Exactly(Kept + Lost + 5))).Version);
    }
}
