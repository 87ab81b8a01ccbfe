namespace Messaging.Patterns.Publishing;

/// <summary>Opens producers that send records in transactions: the seam by which an outbox relay or a connector sends exactly once.</summary>
public interface IRecordTransactions
{
    /// <summary>
    /// Takes over a transactional id: what was sent under it before is committed or aborted when this returns, and whoever held it until now can commit nothing
    /// any more.
    /// </summary>
    /// <param name="id">The id.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The producer. Dispose of it to let the id go; a transaction that is under way then comes to nothing, or its outcome is not known.</returns>
    /// <exception cref="MessagingException">The id could not be taken over, with what to do. It may have been, as far as its former holder is concerned.</exception>
    Task<ITransactionalRecordProducer> OpenAsync(TransactionalId id, CancellationToken cancellationToken = default);
}
