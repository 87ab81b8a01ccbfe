using Confluent.Kafka;
using Messaging.Patterns.Kafka.Consuming.DeadLetters;
using Messaging.Patterns.Kafka.Publishing;
using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>The retry topics of a group, one beside each topic that it reads.</summary>
internal sealed class RetryTopics(ConsumerGroup group)
{
    /// <summary>The name of a retry topic, unless it is given another.</summary>
    public const string DefaultName = $"{TopicPlace}.{GroupPlace}.retry";

    /// <summary>Where the topic's name stands in the name of its retry topic.</summary>
    public const string TopicPlace = "{topic}";

    /// <summary>Where the group's name stands in it.</summary>
    public const string GroupPlace = "{group}";

    /// <summary>Returns the name of a retry topic.</summary>
    /// <param name="name">How it is to be named; <see langword="null"/> for the default.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="group">The group.</param>
    public static string NameOf(string? name, string topic, string group) =>
        (name ?? DefaultName).Replace(TopicPlace, topic, StringComparison.Ordinal).Replace(GroupPlace, group, StringComparison.Ordinal);

    /// <summary>Returns the retry partition of a partition.</summary>
    public TopicPartition PlaceOf(TopicPartition source) => new(NameOf(group.Options.RetryTopic, source.Topic, group.Name), source.Partition);

    /// <summary>Creates or verifies the retry topic of a topic.</summary>
    /// <exception cref="TopicContractException">It is not as it must be.</exception>
    public async Task EnsureAsync(GroupTopic topic, CancellationToken cancellationToken)
    {
        var partitions = topic.Partitions ?? throw new InvalidOperationException($"How many partitions topic '{topic.Name}' has is not known.");
        var name = NameOf(group.Options.RetryTopic, topic.Name, group.Name);
        var specification = new TopicSpecification(name) { Configs = { ["retention.ms"] = "-1", ["cleanup.policy"] = "delete" } };
        var found = await group.Context.Provisioner.EnsureRetryTopicAsync(specification, partitions, group.Options.Provisioning, cancellationToken).ConfigureAwait(false);

        if (found.Partitions != partitions)
        {
            throw new TopicContractException(
                name,
                [
                    $"it has {found.Partitions} partitions, expected {partitions} as topic '{topic.Name}', whose failing keys consumer group '{group.Name}' redirects to it: each retry partition belongs to the "
                    + $"owner of its partition. Delete it, if nothing in it waits, so that it is created anew; or name another one with {nameof(KafkaConsumerGroupOptions)}.{nameof(KafkaConsumerGroupOptions.RetryTopic)}.",
                ]);
        }
    }

    /// <summary>Stores a record, and returns its offset.</summary>
    /// <exception cref="RedirectException">It is not stored, or nobody knows.</exception>
    public async Task<long> StoreAsync(TopicPartition place, Message<byte[], byte[]> message, CancellationToken cancellationToken)
    {
        try
        {
            var offset = await StoreOperation.SendAsync(group.Context.Producer, place, message).WaitAsync(cancellationToken).ConfigureAwait(false);

            // Stored once more, the first of them counts.
            return offset.IsSpecial ? throw new RedirectException($"the brokers did not say where in {place} it is stored", isTransient: true) : offset.Value;
        }
        catch (KafkaException exception)
        {
            throw new RedirectException($"topic '{place.Topic}': {DeliveryFailure.ReasonOf(exception.Error)}", DeliveryFailure.IsTransient(exception.Error.Code), exception);
        }
    }
}
