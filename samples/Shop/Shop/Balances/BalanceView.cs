namespace Shop.Balances;

/// <summary>What is on a customer's account.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Name">What the customer is called.</param>
/// <param name="Balance">The balance in cents.</param>
public sealed record BalanceView(string CustomerId, string Name, long Balance);
