namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>A page of the outbox to be read, in the order of ids.</summary>
/// <param name="AsOf">Only rows of transactions that had ended in it; <see langword="null"/> for those that have ended now, which the page tells.</param>
/// <param name="After">Rows with a greater id.</param>
/// <param name="Late">And those that are not greater of these transactions; <see langword="null"/> for none.</param>
internal sealed record PageRequest(DatabaseSnapshot? AsOf, long After, LateTransactions? Late);
