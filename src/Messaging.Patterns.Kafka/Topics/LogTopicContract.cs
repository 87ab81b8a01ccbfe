namespace Messaging.Patterns.Kafka.Topics;

/// <summary>What the event store rests on: nothing acknowledged is lost, nothing is deleted, and the log's own time orders it.</summary>
internal static class LogTopicContract
{
    // Two are three of which one is away.
    private const int SafeBrokers = 3;

    // The most that Kafka adds to the records of a batch.
    private const int BatchOverhead = 1_000;

    /// <summary>Gets the settings that a topic of streams has, whatever its specification says.</summary>
    public static IReadOnlyDictionary<string, string> Required { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["cleanup.policy"] = "delete",
        ["retention.ms"] = "-1",
        ["retention.bytes"] = "-1",
        ["message.timestamp.type"] = "LogAppendTime",
        ["unclean.leader.election.enable"] = "false",
    };

    public static TopicContract Of(TopicSpecification topic, int brokers, long batchSize)
    {
        var contract = TopicContract.Of(topic, brokers);

        foreach (var (config, value) in Required)
        {
            contract.Require(config, value);
        }

        if (!topic.Configs.ContainsKey("max.message.bytes"))
        {
            contract.Minimums["max.message.bytes"] = (batchSize + BatchOverhead, "a smaller batch than the producer's 'batch.size' would be refused");
        }

        if (brokers > 1)
        {
            contract.MinReplication = SafeBrokers;
            contract.Minimums["min.insync.replicas"] = (2, "an acknowledged event must be on two brokers at least");
        }
        else
        {
            contract.Warnings.Add($"the cluster has one broker: an acknowledged event is lost with it. Use at least {SafeBrokers} in production.");
        }

        return contract;
    }
}
