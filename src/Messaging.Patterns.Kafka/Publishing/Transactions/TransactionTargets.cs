using System.Collections.Concurrent;
using Confluent.Kafka;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.EventSourcing.Frames;
using Messaging.Patterns.Kafka.EventSourcing.Log;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Kafka.Publishing.Transactions;

/// <summary>Looks at topics before the first transaction that writes to them: nobody may use transactions on a topic of event streams, and one that is missing is told at once.</summary>
internal sealed class TransactionTargets(KafkaClients clients, TimeProvider time)
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    // Topics of streams are in here too: what they are they remain.
    private readonly ConcurrentDictionary<string, RecordOutcome?> _known = new(StringComparer.Ordinal);

    /// <summary>Returns why nothing can be written to a topic in a transaction, or <see langword="null"/> if it can.</summary>
    /// <exception cref="KafkaException">The brokers do not answer.</exception>
    public async ValueTask<RecordOutcome?> CheckAsync(string topic, CancellationToken cancellationToken) =>
        _known.TryGetValue(topic, out var known) ? known : await LookAsync(topic, cancellationToken).ConfigureAwait(false);

    /// <summary>A topic is not there any more.</summary>
    public void Forget(string topic) => _known.TryRemove(topic, out _);

    private async Task<RecordOutcome?> LookAsync(string topic, CancellationToken cancellationToken)
    {
        var admin = new AdminSource(clients, time);
        await using var _ = admin.ConfigureAwait(false);
        var (_, found) = await FoundTopic.FindUnidentifiedAsync(admin, topic, cancellationToken).ConfigureAwait(false);

        if (found is null)
        {
            var missing = new Error(ErrorCode.UnknownTopicOrPart);
            return new(RecordStatus.NoTopic, $"topic '{topic}': {DeliveryFailure.ReasonOf(missing)} ({missing.Code})");
        }

        var isOfStreams = await Task.Run(() => EndsWithFrame(topic, cancellationToken), cancellationToken).ConfigureAwait(false);
        return _known[topic] = isOfStreams
            ? new(RecordStatus.Refused, $"topic '{topic}' holds event streams, where nobody may use transactions: readers of streams see what was aborted. Send the event to another topic, or without transactions")
            : null;
    }

    // Every partition of a topic of streams has a frame from the first start on, and nothing else; markers of transactions are not among them.
    private bool EndsWithFrame(string topic, CancellationToken cancellationToken)
    {
        using var consumer = clients.CreateConsumer(LogTail.Configure);
        var partition = new TopicPartition(topic, 0);
        var ends = consumer.QueryWatermarkOffsets(partition, RequestTimeout);

        if (ends.High.Value <= ends.Low.Value)
        {
            return false;
        }

        consumer.Assign(new TopicPartitionOffset(partition, ends.High.Value - 1));
        var last = consumer.Consume(cancellationToken);
        return !last.IsPartitionEOF && FrameReader.Read(last.Message.Key, last.Message.Value, out var _) is null;
    }
}
