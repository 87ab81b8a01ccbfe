namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>Transactions that had not ended in a snapshot.</summary>
/// <param name="From">All from here on.</param>
/// <param name="Ended">And these before, which have ended since.</param>
internal sealed record LateTransactions(ulong From, IReadOnlyList<ulong> Ended);
