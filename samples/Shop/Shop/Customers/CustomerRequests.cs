using System.ComponentModel.DataAnnotations;

namespace Shop.Customers;

/// <summary>Opens an account.</summary>
/// <param name="CustomerId">Lower-case letters, digits and dashes.</param>
/// <param name="Name">What the customer is called.</param>
public sealed record OpenAccount([property: Required, CustomerId] string CustomerId, [property: Required, StringLength(100, MinimumLength = 1)] string Name);

/// <summary>Puts money on an account.</summary>
/// <param name="Amount">The amount in cents.</param>
public sealed record ChargeAccount([property: Range(1, 100_000_000)] long Amount);
