using Messaging.Patterns.EventSourcing;

namespace Shop.Customers;

/// <summary>An account as it follows from its events, and the rules by which it changes: each takes a state and returns the events to append.</summary>
/// <param name="IsOpen">Whether the account has been opened.</param>
/// <param name="Balance">What is on it, in cents; never below zero.</param>
public sealed record Account(bool IsOpen, long Balance)
{
    /// <summary>The category of the streams of accounts.</summary>
    public const string Category = "account";

    /// <summary>Gets how an account follows from its events.</summary>
    public static Decider<Account> Decider { get; } = new(new Account(IsOpen: false, Balance: 0), Evolve);

    /// <summary>Returns the stream of a customer's account.</summary>
    public static StreamId Stream(string customerId) => new(Category, customerId);

    /// <summary>Opens the account.</summary>
    public IEnumerable<object> Open(string customerId, string name) => IsOpen
        ? throw new ShopException(ShopError.Conflict, $"Customer '{customerId}' already has an account.")
        : [new AccountOpened(customerId, name)];

    /// <summary>Puts money on the account.</summary>
    public IEnumerable<object> Charge(string customerId, long amount) => IsOpen
        ? [new AccountCharged(customerId, amount)]
        : throw new ShopException(ShopError.NotFound, $"Customer '{customerId}' has no account.");

    /// <summary>Pays an order, or refuses to. A refusal is an event too: whoever asked gets an answer in any case.</summary>
    public IEnumerable<object> Debit(string customerId, string orderId, long amount)
    {
        var refusal = !IsOpen ? "The customer has no account." : Balance < amount ? "There is not enough money on the account." : null;
        return refusal is null ? [new AccountDebited(customerId, orderId, amount)] : [new DebitRefused(customerId, orderId, amount, refusal)];
    }

    private static Account Evolve(Account account, object @event) => @event switch
    {
        AccountOpened => account with { IsOpen = true },
        AccountCharged charged => account with { Balance = account.Balance + charged.Amount },
        AccountDebited debited => account with { Balance = account.Balance - debited.Amount },
        _ => account,
    };
}
