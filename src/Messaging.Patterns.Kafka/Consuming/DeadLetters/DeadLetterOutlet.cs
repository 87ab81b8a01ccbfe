using Confluent.Kafka;
using Messaging.Patterns.Kafka.Publishing;
using Messaging.Patterns.Kafka.Topics;
using Microsoft.Extensions.Logging;

namespace Messaging.Patterns.Kafka.Consuming.DeadLetters;

/// <summary>Where a group's dead letters go.</summary>
internal sealed partial class DeadLetterOutlet(ConsumerGroup group)
{
    private readonly string _topic = group.Options.DeadLetterTopic ?? DeadLetterFormat.TopicOf(group.Name);
    private readonly DeadLetterWriter _writer = new(group.Name, group.Options.DeadLetterHeaders, group.Context.Time);

    /// <summary>Creates or verifies the topic.</summary>
    /// <exception cref="TopicContractException">It is not as it must be.</exception>
    public Task EnsureTopicAsync(CancellationToken cancellationToken)
    {
        var retention = group.Options.DeadLetterRetention is { } kept ? (long)kept.TotalMilliseconds : -1;

        // One partition, unless the topic was made with more: dead letters are few, and then all of a group stand in their order.
        var topic = new TopicSpecification(_topic) { Configs = { ["retention.ms"] = retention.ToString(System.Globalization.CultureInfo.InvariantCulture), ["cleanup.policy"] = "delete" } };
        return group.Context.Provisioner.EnsureDeadLetterTopicAsync(topic, group.Options.Provisioning, cancellationToken);
    }

    /// <summary>Sets an event aside. When this returns it is stored, and may be taken for handled.</summary>
    /// <remarks>
    /// First the dead letter, then the commit: a crash between them leaves a dead letter whose event comes again, and is set aside again if it fails again. The other
    /// way round a crash would lose the event.
    /// </remarks>
    /// <exception cref="DeadLetterException">It could not be stored.</exception>
    public async ValueTask SetAsideAsync(GroupRecord record, HandlingFailure failure, CancellationToken cancellationToken)
    {
        var (topic, partition, offset) = (record.Result.Topic, record.Result.Partition.Value, record.Result.Offset.Value);

        try
        {
            await StoreOperation.SendAsync(group.Context.Producer, new TopicPartition(_topic, Partition.Any), _writer.Write(record, failure)).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException exception)
        {
            throw new DeadLetterException($"topic '{_topic}': {DeliveryFailure.ReasonOf(exception.Error)}", DeliveryFailure.IsTransient(exception.Error.Code), exception);
        }

        group.Metrics.SetAside(topic);
        Log.SetAside(group.Context.Logger, failure.Exception, new(group.Name, topic, partition, offset, _topic), failure.Attempts);
    }

    private sealed record Place(string Group, string Topic, int Partition, long Offset, string DeadLetters);

    private static partial class Log
    {
        public static void SetAside(ILogger logger, Exception exception, Place place, int attempts) =>
            SetAside(logger, exception, place.Group, place.Topic, place.Partition, place.Offset, attempts, place.DeadLetters);

        [LoggerMessage(1450, LogLevel.Error, "Consumer group {Group} could not handle topic {Topic}, partition {Partition}, offset {Offset}, after {Attempts} attempts, and set it aside in {DeadLetters}.")]
        private static partial void SetAside(ILogger logger, Exception exception, string group, string topic, int partition, long offset, int attempts, string deadLetters);
    }
}
