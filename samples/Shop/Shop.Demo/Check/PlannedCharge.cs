namespace Shop.Demo.Check;

/// <summary>A charge that the check makes.</summary>
/// <param name="Key">Its idempotency key.</param>
/// <param name="CustomerId">The customer.</param>
/// <param name="Amount">The amount in cents.</param>
public sealed record PlannedCharge(string Key, string CustomerId, long Amount);
