using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Messaging.Patterns.TestServers;

/// <summary>Makes topics for tests.</summary>
public static class KafkaTopics
{
    /// <summary>Returns a name that no other test uses.</summary>
    public static string UniqueName(string prefix) => $"{prefix}.{Guid.NewGuid():N}"[..(prefix.Length + 13)];

    /// <summary>Creates a topic with a name of its own and returns the name, once every partition has a leader.</summary>
    public static async Task<string> CreateAsync(string bootstrapServers, string prefix, int partitions, Dictionary<string, string>? configs = null, short replication = -1)
    {
        var name = UniqueName(prefix);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = name, NumPartitions = partitions, ReplicationFactor = replication, Configs = configs }]);
        await WaitForLeadersAsync(bootstrapServers, name, partitions);
        return name;
    }

    /// <summary>Waits until every partition of a topic has a leader.</summary>
    public static Task WaitForLeadersAsync(string bootstrapServers, string name, int partitions) =>
        WaitUntilAsync(bootstrapServers, name, found => found.Count >= partitions && found.TrueForAll(partition => partition.Leader >= 0));

    /// <summary>Waits until the brokers say something of a topic's partitions.</summary>
    public static async Task WaitUntilAsync(string bootstrapServers, string name, Predicate<List<PartitionMetadata>> isReached)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();

        while (!isReached(admin.GetMetadata(name, TimeSpan.FromSeconds(10)).Topics.Single().Partitions))
        {
            await Task.Delay(50);
        }
    }
}
