using Messaging.Patterns.Outbox.Protocol;

namespace Messaging.Patterns.Outbox;

/// <summary>Rows that were read.</summary>
/// <param name="Snapshot">As of which.</param>
/// <param name="Rows">The rows, in the order of their ids.</param>
/// <param name="LastId">The last id on the page; <see langword="null"/> for an empty page.</param>
/// <param name="IsFull">Whether there may be more.</param>
/// <param name="Run">The run of the database in which they were read.</param>
internal sealed record OutboxPage(DatabaseSnapshot Snapshot, IReadOnlyList<RelayRow> Rows, long? LastId, bool IsFull, string Run);
