using System.Collections.Concurrent;
using Messaging.Patterns.Kafka.Connection;
using Messaging.Patterns.Kafka.Topics;
using Messaging.Patterns.Publishing;
using Microsoft.Extensions.Options;

namespace Messaging.Patterns.Kafka.Publishing.Transactions;

/// <summary>Takes over transactional ids. The notes of a prefix are in a topic of their own, with a partition for each number.</summary>
internal sealed class KafkaRecordTransactions(
    KafkaClients clients, TopicProvisioner provisioner, TransactionTargets targets, TransactionNotes notes, IOptions<KafkaPublisherOptions> options) : IRecordTransactions
{
    private readonly ConcurrentDictionary<string, bool> _provisioned = new(StringComparer.Ordinal);

    public async Task<ITransactionalRecordProducer> OpenAsync(TransactionalId id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);

        if (clients.IsDevelopment)
        {
            throw new MessagingException("The embedded broker shows records of aborted transactions, so nothing is sent to it in transactions. Use a real Kafka, or send without transactions.");
        }

        await EnsureNotesAsync(id, cancellationToken).ConfigureAwait(false);
        var client = new TransactionalClient(clients, id);

        try
        {
            await client.RunAsync(() => client.Initialize(cancellationToken)).ConfigureAwait(false);
            var mark = await client.RunAsync(() => client.Mark(cancellationToken)).ConfigureAwait(false);
            return new KafkaTransactionalRecordProducer(client, targets, await client.RunAsync(() => notes.ReadLast(id, mark, cancellationToken)).ConfigureAwait(false));
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task EnsureNotesAsync(TransactionalId id, CancellationToken cancellationToken)
    {
        if (_provisioned.ContainsKey(id.Prefix))
        {
            return;
        }

        var topic = new TopicSpecification(TransactionNotes.TopicOf(id)) { Partitions = id.Count };

        // Only the last note counts, and only what is not written to any more is compacted.
        topic.Configs["segment.bytes"] = TransactionNotes.SegmentBytes;
        await provisioner.EnsureNotesTopicAsync(topic, options.Value.Provisioning, cancellationToken).ConfigureAwait(false);
        _provisioned[id.Prefix] = true;
    }
}
