using Confluent.Kafka;
using Messaging.Patterns.Publishing;

namespace Messaging.Patterns.Kafka.Publishing.Transactions;

/// <summary>Sends records in transactions under an id that was taken over.</summary>
internal sealed class KafkaTransactionalRecordProducer(TransactionalClient client, TransactionTargets targets, byte[]? lastNote) : ITransactionalRecordProducer
{
    public ReadOnlyMemory<byte>? LastNote { get; } = lastNote is null ? null : (ReadOnlyMemory<byte>?)lastNote;

    public async Task<TransactionOutcome> SendAsync(IReadOnlyList<OutgoingRecord> records, ReadOnlyMemory<byte> note, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);

        try
        {
            if (await FindRefusedAsync(records, cancellationToken).ConfigureAwait(false) is { Count: > 0 } refused)
            {
                return new(TransactionStatus.NotBegun, refused.Values.First().Reason) { Blamed = refused };
            }

            var messages = records.Select(OutgoingMessage.Of).ToList();
            var outcome = await client.RunAsync(() => client.Send(messages, [.. records.Select(record => record.Topic)], note.ToArray())).ConfigureAwait(false);
            Forget(records, outcome);
            return outcome;
        }
        catch (KafkaException exception)
        {
            // Topics could not be looked at: nothing was sent.
            return new(TransactionStatus.NotBegun, exception.Error.Reason);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(TransactionStatus.Unknown, "the producer was closed");
        }
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();

    private async Task<Dictionary<int, RecordOutcome>> FindRefusedAsync(IReadOnlyList<OutgoingRecord> records, CancellationToken cancellationToken)
    {
        var refused = new Dictionary<int, RecordOutcome>();

        for (var place = 0; place < records.Count; place++)
        {
            if (await targets.CheckAsync(records[place].Topic, cancellationToken).ConfigureAwait(false) is { } outcome)
            {
                refused[place] = outcome;
            }
        }

        return refused;
    }

    private void Forget(IReadOnlyList<OutgoingRecord> records, TransactionOutcome outcome)
    {
        foreach (var (place, _) in outcome.Blamed.Where(one => one.Value.Status == RecordStatus.NoTopic))
        {
            targets.Forget(records[place].Topic);
        }
    }
}
