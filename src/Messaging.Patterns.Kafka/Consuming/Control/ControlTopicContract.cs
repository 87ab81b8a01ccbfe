using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>What orders rest on: they stand in one order, and the last of each key is never lost.</summary>
internal static class ControlTopicContract
{
    private const int SafeBrokers = 3;

    public static TopicContract Of(TopicSpecification topic, int brokers)
    {
        var contract = TopicContract.Of(topic, brokers);
        contract.Require("cleanup.policy", "compact");
        contract.Require("unclean.leader.election.enable", "false");

        if (brokers > 1)
        {
            contract.MinReplication = Math.Min(SafeBrokers, brokers);
            contract.Minimums["min.insync.replicas"] = (2, "an acknowledged order must be on two brokers at least");
        }

        return contract;
    }
}
