using Messaging.Patterns.Kafka.Consuming.Control;
using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.Tests.Topics;

public sealed class TopicContractTests
{
    private const string Remedy = "Change it: kafka-configs.sh --bootstrap-server ... --entity-type topics --entity-name accounts --alter --add-config ";

    [Fact]
    public void A_topic_of_streams_is_created_as_the_log_contract_says()
    {
        var created = LogTopicContract.Of(new TopicSpecification("accounts"), brokers: 3, batchSize: 1_000_000).ToCreate();

        Assert.Equal(("accounts", 12, 3), (created.Name, created.NumPartitions, created.ReplicationFactor));
        Assert.Equal(
            new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["cleanup.policy"] = "delete",
                ["max.message.bytes"] = "1001000",
                ["message.timestamp.type"] = "LogAppendTime",
                ["min.insync.replicas"] = "2",
                ["retention.bytes"] = "-1",
                ["retention.ms"] = "-1",
                ["unclean.leader.election.enable"] = "false",
            },
            created.Configs.OrderBy(config => config.Key, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(9, 3)]
    public void A_topic_gets_as_many_copies_as_the_brokers_allow(int brokers, int copies) =>
        Assert.Equal(copies, TopicContract.Of(new TopicSpecification("t"), brokers).ToCreate().ReplicationFactor);

    [Fact]
    public void What_the_specification_says_is_created()
    {
        var topic = new TopicSpecification("t") { Partitions = 3, ReplicationFactor = 2, Configs = { ["max.message.bytes"] = "5000", ["compression.type"] = "zstd" } };
        var created = LogTopicContract.Of(topic, brokers: 3, batchSize: 1_000_000).ToCreate();

        Assert.Equal((3, 2), (created.NumPartitions, created.ReplicationFactor));
        Assert.Equal(("5000", "zstd"), (created.Configs["max.message.bytes"], created.Configs["compression.type"]));
    }

    [Fact]
    public void A_topic_as_it_was_created_has_no_differences()
    {
        var contract = LogTopicContract.Of(new TopicSpecification("accounts"), brokers: 3, batchSize: 1_000_000);
        var created = contract.ToCreate();

        Assert.Empty(contract.Compare(created.NumPartitions, created.ReplicationFactor, created.Configs));
        Assert.Empty(contract.Warnings);
    }

    [Fact]
    public void Every_difference_is_told_with_its_remedy()
    {
        var topic = new TopicSpecification("accounts") { Partitions = 12, Configs = { ["compression.type"] = "zstd" } };
        var contract = LogTopicContract.Of(topic, brokers: 3, batchSize: 1_000_000);

        var differences = contract.Compare(6, 1, new Dictionary<string, string>
        {
            ["cleanup.policy"] = "compact",
            ["retention.ms"] = "604800000",
            ["retention.bytes"] = "1000",
            ["message.timestamp.type"] = "CreateTime",
            ["unclean.leader.election.enable"] = "true",
            ["max.message.bytes"] = "1000000",
            ["min.insync.replicas"] = "1",
        });

        Assert.Equal(
            [
                "it has 6 partitions, expected 12. The count decides where keys lie and cannot be changed: correct the specification, or copy to a new topic.",
                "it has 1 copies, expected at least 3: a lost broker would lose events. Reassign its partitions (kafka-reassign-partitions.sh).",
                $"'compression.type' is '', expected 'zstd'. {Remedy}compression.type=zstd",
                $"'cleanup.policy' is 'compact', expected 'delete'. {Remedy}cleanup.policy=delete",
                $"'retention.ms' is '604800000', expected '-1'. {Remedy}retention.ms=-1",
                $"'retention.bytes' is '1000', expected '-1'. {Remedy}retention.bytes=-1",
                $"'message.timestamp.type' is 'CreateTime', expected 'LogAppendTime'. {Remedy}message.timestamp.type=LogAppendTime",
                $"'unclean.leader.election.enable' is 'true', expected 'false'. {Remedy}unclean.leader.election.enable=false",
                $"'max.message.bytes' is '1000000', expected at least 1001000: a smaller batch than the producer's 'batch.size' would be refused. {Remedy}max.message.bytes=1001000",
                $"'min.insync.replicas' is '1', expected at least 2: an acknowledged event must be on two brokers at least. {Remedy}min.insync.replicas=2",
            ],
            differences);
    }

    [Fact]
    public void What_is_demanded_holds_whatever_the_specification_says()
    {
        var topic = new TopicSpecification("accounts") { Configs = { ["retention.ms"] = "60000", ["min.insync.replicas"] = "1" } };
        var contract = LogTopicContract.Of(topic, brokers: 3, batchSize: 1_000);
        var created = contract.ToCreate();

        Assert.Equal("-1", created.Configs["retention.ms"]);
        Assert.Equal(
            [$"'min.insync.replicas' is '1', expected at least 2: an acknowledged event must be on two brokers at least. {Remedy}min.insync.replicas=2"],
            contract.Compare(12, 3, created.Configs));
    }

    [Fact]
    public void A_single_broker_is_warned_of()
    {
        var contract = LogTopicContract.Of(new TopicSpecification("t"), brokers: 1, batchSize: 1);

        Assert.Equal(["the cluster has one broker: an acknowledged event is lost with it. Use at least 3 in production."], contract.Warnings);
        Assert.DoesNotContain("min.insync.replicas", contract.ToCreate().Configs.Keys);
        Assert.Equal(1, contract.ToCreate().ReplicationFactor);
    }

    [Fact]
    public void Two_brokers_are_taken_for_three_of_which_one_is_away()
    {
        var contract = LogTopicContract.Of(new TopicSpecification("t"), brokers: 2, batchSize: 1);

        Assert.Empty(contract.Warnings);
        Assert.Equal((3, "2"), (contract.ToCreate().ReplicationFactor, contract.ToCreate().Configs["min.insync.replicas"]));
    }

    [Fact]
    public void Topics_of_groups_that_are_made_while_one_broker_of_three_is_away_are_what_is_demanded_when_it_is_back()
    {
        var topic = new TopicSpecification("t");
        var orders = ControlTopicContract.Of(topic, brokers: 2).ToCreate();
        var letters = DeadLetterTopicContract.Of(topic, brokers: 2, maxMessageBytes: 1_000).ToCreate();

        Assert.Empty(ControlTopicContract.Of(topic, brokers: 3).Compare(orders.NumPartitions, orders.ReplicationFactor, orders.Configs));
        Assert.Empty(DeadLetterTopicContract.Of(topic, brokers: 3, maxMessageBytes: 1_000).Compare(letters.NumPartitions, letters.ReplicationFactor, letters.Configs));
    }

    [Fact]
    public void A_topic_of_published_events_is_compared_as_specified()
    {
        var contract = TopicContract.Of(new TopicSpecification("prices") { ReplicationFactor = 2 }, brokers: 3);

        Assert.Empty(contract.Compare(50, 2, new Dictionary<string, string> { ["cleanup.policy"] = "compact" }));
        Assert.Single(contract.Compare(50, 1, new Dictionary<string, string>()));
    }

    [Fact]
    public void The_exception_lists_every_difference()
    {
        var exception = new TopicContractException("accounts", ["first.", "second."]);

        Assert.Equal("Topic 'accounts' is not as it must be:\n- first.\n- second.", exception.Message);
        Assert.Equal(("accounts", false), (exception.Topic, exception.IsTransient));
        Assert.Equal(["first.", "second."], exception.Differences);
    }
}
