namespace Shop.Orders;

/// <summary>The answer to an order that was placed.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Position">Its place in the log; give it to a query as <c>after</c> to see the order.</param>
public sealed record OrderAccepted(string OrderId, string Position);
