namespace Shop.Demo.Check;

/// <summary>An order that the check places.</summary>
/// <param name="Key">Its idempotency key.</param>
/// <param name="CustomerId">Who places it.</param>
/// <param name="Amount">What it costs, in cents.</param>
public sealed record PlannedOrder(string Key, string CustomerId, long Amount);
