using Messaging.Patterns.EventSourcing;

namespace Snippets;

public sealed record Account(bool IsOpen, decimal Balance)
{
    public static Decider<Account> Decider { get; } = new(new Account(IsOpen: false, Balance: 0), Evolve);

    private static Account Evolve(Account state, object @event) => @event switch
    {
        AccountOpened => state with { IsOpen = true },
        AccountCharged charged => state with { Balance = state.Balance + charged.Amount },
        AccountDebited debited => state with { Balance = state.Balance - debited.Amount },
        _ => state,
    };
}
