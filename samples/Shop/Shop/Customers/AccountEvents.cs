using Messaging.Patterns.Serialization;

namespace Shop.Customers;

// The events of an account's stream. Amounts are whole cents. The names in the attributes are what the log holds for ever; the classes may be renamed.

/// <summary>A customer opened an account.</summary>
[EventType("account-opened")]
public sealed record AccountOpened(string CustomerId, string Name);

/// <summary>A customer put money on the account.</summary>
[EventType("account-charged")]
public sealed record AccountCharged(string CustomerId, long Amount);

/// <summary>An order was paid from the account.</summary>
[EventType("account-debited")]
public sealed record AccountDebited(string CustomerId, string OrderId, long Amount);

/// <summary>An order was not paid.</summary>
[EventType("debit-refused")]
public sealed record DebitRefused(string CustomerId, string OrderId, long Amount, string Reason);
