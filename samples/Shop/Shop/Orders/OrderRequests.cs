using System.ComponentModel.DataAnnotations;
using Shop.Customers;

namespace Shop.Orders;

/// <summary>Places an order.</summary>
/// <param name="CustomerId">Who pays for it.</param>
/// <param name="Amount">What it costs, in cents.</param>
public sealed record PlaceOrder([property: Required, CustomerId] string CustomerId, [property: Range(1, 100_000_000)] long Amount);
