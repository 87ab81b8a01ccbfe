using Messaging.Patterns.Testing.EventSourcing;

namespace Snippets;

public static class Scenarios
{
    public static void Run()
    {
        Account.Decider
            .Given(new AccountOpened("Ada"), new AccountCharged(30))
            .When(account => account.Debit(12))
            .Then(new AccountDebited(12));

        Account.Decider
            .Given(new AccountOpened("Ada"))
            .When(account => account.Debit(12))
            .ThenThrows<InvalidOperationException>();
    }

    private static IEnumerable<object> Debit(this Account account, decimal amount) => account.Balance >= amount
        ? [new AccountDebited(amount)]
        : throw new InvalidOperationException($"The account has {account.Balance}, less than {amount}.");
}
