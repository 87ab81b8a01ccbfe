using Confluent.Kafka;
using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>A partition of which no copy is in sync any more, and that therefore has no leader.</summary>
[Collection(KillsNodes.Name)]
public sealed class LostCopiesTests(ThreeNodeKafka kafka)
{
    [Fact]
    public async Task Looking_at_a_topic_without_a_copy_in_sync_harms_nothing_and_the_store_goes_on_when_it_is_back()
    {
        var cluster = await kafka.GetClusterAsync();
        var setup = new StoreSetup(cluster.BootstrapServers, await CreateTopicAsync(cluster.BootstrapServers))
        {
            Topic = _ => { },
            Store = store => (store.Provisioning, store.TopicCheckInterval) = (ProvisioningMode.None, TimeSpan.FromMilliseconds(50)),
        };
        await using var running = await StoreInstance.StartAsync(setup);
        await running.NoteAsync("1", "before");
        await cluster.KillNodeAsync(1);

        try
        {
            await KafkaTopics.WaitUntilAsync(setup.BootstrapServers, setup.TopicName, partitions => partitions is [{ Leader: < 0, InSyncReplicas: [] }]);

            // While the running instance looks again and again, others start in vain and are closed.
            for (var start = 0; start < 3; start++)
            {
                await using var started = await StoreInstance.StartAsync(setup);

                while (started.Log.Entries.Count(entry => entry.Id == 1100 && entry.Text.Contains("not every partition has a leader", StringComparison.Ordinal)) < 3)
                {
                    await Task.Delay(20, TestContext.Current.CancellationToken);
                }
            }
        }
        finally
        {
            await cluster.StartNodeAsync(1);
        }

        await using var late = await StoreInstance.StartAsync(setup);
        Assert.Equal(2, (await late.NoteAsync("1", "after")).Version);
        Assert.Equal(["before", "after"], (await running.ReadAsync("1", ReadConsistency.Strong)).Texts());
    }

    // One copy, on the node that is killed, as the log contract forbids.
    private static async Task<string> CreateTopicAsync(string servers)
    {
        var name = KafkaTopics.UniqueName("copies");
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
        await admin.CreateTopicsAsync([new() { Name = name, NumPartitions = 1, ReplicasAssignments = new() { [0] = [1] }, Configs = new(Topics.Contract) { ["min.insync.replicas"] = "1" } }]);
        await KafkaTopics.WaitForLeadersAsync(servers, name, 1);
        return name;
    }
}
