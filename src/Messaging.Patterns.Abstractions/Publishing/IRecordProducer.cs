namespace Messaging.Patterns.Publishing;

/// <summary>Produces records as they are, many at a time: the seam by which an outbox relay or a connector reaches the broker.</summary>
public interface IRecordProducer
{
    /// <summary>Hands a record over without waiting for it, and says once what became of it, also when it cannot be sent at all.</summary>
    /// <remarks>
    /// Records of one topic and key are stored in the order in which they were handed over, unless one of them fails: those behind it may be stored all the
    /// same. Who needs the order also then hands over the next record of a key when the one before is acknowledged. Outcomes come in any order. Records wait in
    /// memory while the local queue is full, so whoever sends bounds how many are under way.
    /// </remarks>
    /// <param name="record">The record. Its bytes must not change until the outcome is told.</param>
    /// <param name="completed">
    /// Told the outcome, on the producer's own thread or on the caller's. Must be quick and must not throw: others wait for it.
    /// </param>
    void Send(OutgoingRecord record, Action<RecordOutcome> completed);
}
