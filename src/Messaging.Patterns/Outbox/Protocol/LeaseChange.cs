namespace Messaging.Patterns.Outbox.Protocol;

/// <summary>What changed with a renewal of leases.</summary>
/// <param name="Lost">Buckets of which this instance knows nothing any more.</param>
/// <param name="Gained">Buckets to be read from their first row.</param>
internal sealed record LeaseChange(IReadOnlyList<int> Lost, IReadOnlyList<int> Gained);
