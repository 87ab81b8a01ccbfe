using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;

namespace Messaging.Patterns.Kafka.Tests.Connection;

/// <summary>Settings that break a guarantee are refused, wherever they are given, with the reason.</summary>
public sealed class KafkaGuardsTests
{
    private const string Idempotence = "must be true: otherwise retries double and reorder records";
    private const string AllCopies = "must be all: otherwise acknowledged records are lost when a broker dies";
    private const string JavasPartitions = "must be murmur2 or murmur2_random, as in Java: otherwise the same key lands on different partitions";
    private const string FewInFlight = "must be at most 5: otherwise the idempotent producer cannot keep the order";
    private const string HandledOffsets = "must be false: offsets are committed when events are handled, not when they are fetched";

    [Theory]
    [InlineData("enable.idempotence", "false", Idempotence)]
    [InlineData("acks", "1", AllCopies)]
    [InlineData("acks", "0", AllCopies)]
    [InlineData("request.required.acks", "1", AllCopies)]
    [InlineData("partitioner", "consistent_random", JavasPartitions)]
    [InlineData("transactional.id", "t", "must not be set: transactions hide records from the store and block its readers")]
    [InlineData("max.in.flight", "6", FewInFlight)]
    [InlineData("max.in.flight.requests.per.connection", "1000000", FewInFlight)]
    [InlineData("batch.size", "1 MB", "must be a whole number")]
    [InlineData("message.max.bytes", "", "must be a whole number")]
    [InlineData("delivery.report.only.error", "true", "must be false: without reports nobody learns of a success")]
    [InlineData("dotnet.producer.enable.delivery.reports", "false", "must be true: without reports nobody learns of a failure")]
    [InlineData("dotnet.producer.enable.background.poll", "false", "must be true: reports are delivered by it")]
    public void A_setting_of_producers_that_breaks_a_guarantee_is_refused(string setting, string value, string reason)
    {
        Assert.Equal([$"Property Producer: '{setting}' is '{value}', but {reason}. Remove the setting."], Faults(options => options.Producer[setting] = value));
        Assert.Equal([$"Property Client: '{setting}' is '{value}', but {reason}. Remove the setting."], Faults(options => options.Client[setting] = value));
    }

    [Theory]
    [InlineData("enable.auto.commit", "true", HandledOffsets)]
    [InlineData("enable.auto.offset.store", "true", HandledOffsets)]
    [InlineData("group.id", "g", "must not be set here: each consumer group is named where it is added")]
    [InlineData("enable.partition.eof", "true", "must not be set: the library relies on it")]
    [InlineData("auto.offset.reset", "latest", "must not be set here: silently skipping or repeating a log is never right")]
    public void A_setting_of_consumers_that_breaks_a_guarantee_is_refused(string setting, string value, string reason)
    {
        Assert.Equal([$"Property Consumer: '{setting}' is '{value}', but {reason}. Remove the setting."], Faults(options => options.Consumer[setting] = value));
        Assert.Equal([$"Property Client: '{setting}' is '{value}', but {reason}. Remove the setting."], Faults(options => options.Client[setting] = value));
    }

    [Fact]
    public void Typed_settings_are_looked_at_like_named_ones()
    {
        var faults = Faults(options => options
            .ConfigureProducer(producer => (producer.Acks, producer.EnableIdempotence, producer.Partitioner) = (Acks.Leader, false, Partitioner.Random))
            .ConfigureConsumer(consumer => consumer.EnableAutoCommit = true));

        Assert.Equal(
            [
                $"Property Consumer: 'enable.auto.commit' is 'True', but {HandledOffsets}. Remove the setting.",
                $"Property Producer: 'acks' is '1', but {AllCopies}. Remove the setting.",
                $"Property Producer: 'enable.idempotence' is 'False', but {Idempotence}. Remove the setting.",
                $"Property Producer: 'partitioner' is 'random', but {JavasPartitions}. Remove the setting.",
            ],
            faults.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_the_library_sets_anyway_may_be_said()
    {
        var faults = Faults(options =>
        {
            options.ConfigureProducer(producer => (producer.Acks, producer.EnableIdempotence, producer.Partitioner, producer.MaxInFlight) = (Acks.All, true, Partitioner.Murmur2, 5));
            options.ConfigureConsumer(consumer => (consumer.EnableAutoCommit, consumer.IsolationLevel) = (false, IsolationLevel.ReadUncommitted));
            options.Producer["acks"] = "all";
            options.Client["request.required.acks"] = "-1";
            options.Producer["partitioner"] = "murmur2_random";
        });

        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("bootstrap.servers")]
    [InlineData("metadata.broker.list")]
    public void Brokers_are_given_once(string setting)
    {
        Assert.Equal(
            [
                $"Property Client: 'bootstrap.servers' is 'other:1', but BootstrapServers is 'localhost:9092'. Give the brokers once, there.",
                $"Property Consumer: 'bootstrap.servers' is 'other:3', but BootstrapServers is 'localhost:9092'. Give the brokers once, there.",
                $"Property Producer: 'bootstrap.servers' is 'other:2', but BootstrapServers is 'localhost:9092'. Give the brokers once, there.",
            ],
            Faults(options => (options.Client[setting], options.Producer[setting], options.Consumer[setting]) = ("other:1", "other:2", "other:3")).Order(StringComparer.Ordinal));
        Assert.Empty(Faults(options => options.Client[setting] = "localhost:9092"));
    }

    [Fact]
    public void A_profile_that_does_not_exist_is_refused() =>
        Assert.Equal(["Property Profile: must be Production or Development, but is 7."], Faults(options => options.Profile = (KafkaProfile)7));

    private static IEnumerable<string> Faults(Action<KafkaOptions> configure)
    {
        var options = new KafkaOptions { BootstrapServers = "localhost:9092" };
        configure(options);
        return new KafkaOptionsValidator().Validate(null, options).Failures ?? [];
    }
}
