using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.EventSourcing;

/// <summary>What an operator can do to an event topic.</summary>
internal static class Topics
{
    /// <summary>The settings that the log contract asks for.</summary>
    public static Dictionary<string, string> Contract { get; } = new()
    {
        ["cleanup.policy"] = "delete",
        ["retention.ms"] = "-1",
        ["retention.bytes"] = "-1",
        ["message.timestamp.type"] = "LogAppendTime",
        ["unclean.leader.election.enable"] = "false",
    };

    public static Task AddPartitionsAsync(string bootstrapServers, string topic, int count) =>
        RunAsync(bootstrapServers, admin => admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = count }]));

    /// <summary>Deletes a topic and creates one of the same name.</summary>
    public static async Task RecreateAsync(string bootstrapServers, string topic, int partitions)
    {
        await RunAsync(bootstrapServers, admin => admin.DeleteTopicsAsync([topic]));
        await CreateAsync(bootstrapServers, topic, partitions);
    }

    /// <summary>Creates a topic, once the deletion of another one of the same name is through.</summary>
    public static async Task CreateAsync(string bootstrapServers, string topic, int partitions)
    {
        var specification = new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = -1, Configs = Contract };

        while (true)
        {
            try
            {
                await RunAsync(bootstrapServers, admin => admin.CreateTopicsAsync([specification]));
                await KafkaTopics.WaitForLeadersAsync(bootstrapServers, topic, partitions);
                return;
            }
            catch (CreateTopicsException exception) when (exception.Results[0].Error.Code == ErrorCode.TopicAlreadyExists)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    public static Task DeleteRecordsAsync(string bootstrapServers, string topic, int partition, long before) =>
        RunAsync(bootstrapServers, admin => admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, partition, before)]));

    public static async Task ProduceAsync(string bootstrapServers, string topic, int partition, string? key, string? value)
    {
        using var producer = new ProducerBuilder<string?, string?>(new ProducerConfig { BootstrapServers = bootstrapServers, Acks = Acks.All }).Build();
        await producer.ProduceAsync(new TopicPartition(topic, partition), new Message<string?, string?> { Key = key, Value = value! }, TestContext.Current.CancellationToken);
    }

    private static async Task RunAsync(string bootstrapServers, Func<IAdminClient, Task> run)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        await run(admin);
    }
}
