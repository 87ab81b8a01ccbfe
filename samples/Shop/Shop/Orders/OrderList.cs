namespace Shop.Orders;

/// <summary>The newest orders.</summary>
/// <param name="Orders">The orders, the newest first.</param>
/// <param name="Counts">How many orders there are in all.</param>
public sealed record OrderList(IReadOnlyList<OrderView> Orders, OrderCounts Counts);
