using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.Consuming.Control;

/// <summary>What orders rest on: they stand in one order, and the last of each key is never lost.</summary>
internal static class ControlTopicContract
{
    // Two are three of which one is away: made with two copies, the topic would be refused by every later start.
    private const int SafeBrokers = 3;

    public static TopicContract Of(TopicSpecification topic, int brokers)
    {
        var contract = TopicContract.Of(topic, brokers);
        contract.Require("cleanup.policy", "compact");
        contract.Require("unclean.leader.election.enable", "false");

        if (brokers > 1)
        {
            contract.MinReplication = SafeBrokers;
            contract.Minimums["min.insync.replicas"] = (2, "an acknowledged order must be on two brokers at least");
        }

        return contract;
    }
}
