using System.Collections.ObjectModel;

namespace Messaging.Patterns.Publishing;

/// <summary>What became of a transaction, and why.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Reason">What the client or the broker said; <see langword="null"/> when it is committed.</param>
public sealed record TransactionOutcome(TransactionStatus Status, string? Reason = null)
{
    /// <summary>Gets the records for which it was aborted, by their places in the call, each with what became of it.</summary>
    /// <value>The default is none: no record was to blame.</value>
    public IReadOnlyDictionary<int, RecordOutcome> Blamed { get; init; } = ReadOnlyDictionary<int, RecordOutcome>.Empty;
}
