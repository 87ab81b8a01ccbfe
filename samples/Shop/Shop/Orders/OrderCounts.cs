namespace Shop.Orders;

/// <summary>How many orders have come how far.</summary>
/// <param name="Placed">Orders that wait for the customer's account.</param>
/// <param name="Confirmed">Orders that are paid.</param>
/// <param name="Rejected">Orders that were not paid.</param>
public sealed record OrderCounts(long Placed, long Confirmed, long Rejected);
