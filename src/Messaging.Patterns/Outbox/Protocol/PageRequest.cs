namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>A page of the outbox to be read, in the order of ids.</summary>
/// <param name="Snapshot">Only rows of transactions that had ended in it.</param>
/// <param name="After">Only rows with a greater id.</param>
/// <param name="UpTo">Only rows with an id that is not greater.</param>
/// <param name="Late">Only rows of these transactions; <see langword="null"/> for all.</param>
internal sealed record PageRequest(DatabaseSnapshot Snapshot, long After, long UpTo, LateTransactions? Late);
