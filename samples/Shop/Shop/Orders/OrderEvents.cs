using Messaging.Patterns.Serialization;

namespace Shop.Orders;

// The events of an order's stream. Amounts are whole cents.

/// <summary>A customer placed an order; whether it is paid is not known yet.</summary>
[EventType("order-placed")]
public sealed record OrderPlaced(string OrderId, string CustomerId, long Amount);

/// <summary>The order is paid.</summary>
[EventType("order-confirmed")]
public sealed record OrderConfirmed(string OrderId);

/// <summary>The order was not paid.</summary>
[EventType("order-rejected")]
public sealed record OrderRejected(string OrderId, string Reason);
