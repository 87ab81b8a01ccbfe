using Messaging.Patterns.EventSourcing;

namespace Snippets;

public sealed class Debits(IEventStore store)
{
    public Task<AppendResult> DebitAsync(string accountId, decimal amount, string requestId, CancellationToken cancellationToken) =>
        store.DecideAsync(
            new StreamId("account", accountId),
            Account.Decider,
            account => account.Balance >= amount
                ? [new AccountDebited(amount)]
                : throw new InvalidOperationException($"Account {accountId} has {account.Balance}, less than {amount}."),
            new DecideOptions { Id = AppendId.From(requestId) },
            cancellationToken);
}
