namespace Messaging.Patterns.Outbox;

/// <summary>A renewal of leases.</summary>
/// <param name="Instance">Who asks.</param>
/// <param name="GiveBack">Buckets that it gives back.</param>
/// <param name="Duration">How long its leases are to last from now, by the database's clock.</param>
internal sealed record LeaseRequest(string Instance, IReadOnlyCollection<int> GiveBack, TimeSpan Duration);
