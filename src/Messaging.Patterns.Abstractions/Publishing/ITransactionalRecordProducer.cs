namespace Messaging.Patterns.Publishing;

/// <summary>Sends records in transactions, one transaction at a time.</summary>
public interface ITransactionalRecordProducer : IAsyncDisposable
{
    /// <summary>Gets the note of the last transaction that was committed under the id, when it was taken over; <see langword="null"/> if there was none.</summary>
    ReadOnlyMemory<byte>? LastNote { get; }

    /// <summary>
    /// Sends records in one transaction, in their order: readers that read only what is committed see all of them or none. A note is committed with them, for
    /// whoever takes the id over.
    /// </summary>
    /// <remarks>After an outcome other than <see cref="TransactionStatus.Committed"/> and <see cref="TransactionStatus.NotBegun"/> nothing can be sent: dispose of the producer, and open another one.</remarks>
    /// <param name="records">The records. Their bytes must not change until the call returns.</param>
    /// <param name="note">The note, at most a few hundred kilobytes.</param>
    /// <param name="cancellationToken">Stops the call before the transaction begins, not later: then it is waited for.</param>
    Task<TransactionOutcome> SendAsync(IReadOnlyList<OutgoingRecord> records, ReadOnlyMemory<byte> note, CancellationToken cancellationToken = default);
}
