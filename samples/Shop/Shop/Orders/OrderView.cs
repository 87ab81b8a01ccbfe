namespace Shop.Orders;

/// <summary>An order as callers see it.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="CustomerId">Who placed it.</param>
/// <param name="Amount">What it costs, in cents.</param>
/// <param name="Status">How far it has come.</param>
/// <param name="Reason">Why it was rejected.</param>
public sealed record OrderView(string OrderId, string CustomerId, long Amount, OrderStatus Status, string? Reason);
