namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>Rows of transactions that had not ended in a snapshot: what commits late, in front of where reading has got to.</summary>
/// <param name="From">Of all transactions from here on.</param>
/// <param name="Open">And of these before.</param>
/// <param name="After">Only rows with a greater id: those before are read.</param>
internal sealed record LateTransactions(ulong From, IReadOnlyList<ulong> Open, long After)
{
    /// <summary>Returns whether a transaction is one of them.</summary>
    public bool Contains(ulong transaction) => transaction >= From || Open.Contains(transaction);
}
