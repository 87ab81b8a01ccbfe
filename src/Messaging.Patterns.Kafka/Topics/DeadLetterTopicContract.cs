namespace Messaging.Patterns.Kafka.Topics;

/// <summary>What dead letters, and redirected keys, rest on: an event that was set aside is nowhere else once its record was committed, so nothing of the topic may get lost.</summary>
internal static class DeadLetterTopicContract
{
    // Two are three of which one is away: made with two copies, the topic would be refused by every later start.
    private const int SafeBrokers = 3;

    /// <param name="topic">The topic.</param>
    /// <param name="brokers">How many brokers there are.</param>
    /// <param name="maxMessageBytes">The most bytes that the producer sends as one record.</param>
    /// <param name="partitions">How many partitions the topic is created with. All dead letters of a group stand in one order, unless their topic was made with more.</param>
    public static TopicContract Of(TopicSpecification topic, int brokers, long maxMessageBytes, int partitions = 1)
    {
        var contract = TopicContract.Of(topic, brokers);
        contract.DefaultPartitions = partitions;
        contract.Require("unclean.leader.election.enable", "false");
        contract.Minimums["max.message.bytes"] = (maxMessageBytes, "a record that failed has more headers when it is set aside, and would be refused");

        if (brokers > 1)
        {
            contract.MinReplication = SafeBrokers;
            contract.Minimums["min.insync.replicas"] = (2, "an event that was set aside must be on two brokers at least");
        }

        return contract;
    }
}
