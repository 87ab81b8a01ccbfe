using System.Diagnostics;
using Confluent.Kafka;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Servers;

[Collection(EventSourcing.KillsNodes.Name)]
public sealed class KafkaClusterTests(OneNodeKafka one, ThreeNodeKafka three)
{
    [Fact]
    public async Task One_node_stores_what_is_produced()
    {
        Assert.Equal([7], await RoundTripAsync(await one.GetAsync(), 7, () => Task.CompletedTask));
    }

    [Fact]
    public async Task Three_nodes_survive_the_kill_of_one()
    {
        var cluster = await three.GetClusterAsync();

        var read = await RoundTripAsync(cluster.BootstrapServers, 8, async () =>
        {
            await cluster.KillNodeAsync(2);
            await cluster.StartNodeAsync(2);
        });

        Assert.Equal([8], read);
    }

    [Fact]
    public async Task Kafkas_own_tools_answer()
    {
        var bootstrapServers = await one.GetAsync();

        var result = await KafkaTools.RunAsync(bootstrapServers, "kafka-topics.sh", ["--list"]);

        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task A_disposed_cluster_leaves_neither_processes_nor_files()
    {
        await one.GetClusterAsync();
        var cluster = await KafkaCluster.StartAsync(1);
        var address = cluster.BootstrapServers;

        await cluster.DisposeAsync();

        var processes = await ProcessRunner.RunAsync("ps", ["-eo", "args"], cancellationToken: TestContext.Current.CancellationToken);
        Assert.DoesNotContain(address, processes.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(
            Process.GetProcessesByName("java"), process => File.Exists($"/proc/{process.Id}/cmdline") && File.ReadAllText($"/proc/{process.Id}/cmdline").Contains(address, StringComparison.Ordinal));
    }

    private static async Task<byte[]> RoundTripAsync(string bootstrapServers, byte value, Func<Task> between)
    {
        var topic = await KafkaTopics.CreateAsync(bootstrapServers, "servers", partitions: 1);
        using (var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = bootstrapServers, Acks = Acks.All }).Build())
        {
            await producer.ProduceAsync(topic, new Message<Null, byte[]> { Value = [value] }, TestContext.Current.CancellationToken);
        }

        await between();

        using var consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = "servers", EnableAutoCommit = false }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, 0));
        return consumer.Consume(TestContext.Current.CancellationToken).Message.Value;
    }
}
