using Messaging.Patterns.Consuming;

namespace Snippets;

public interface IBalanceTable
{
    /// <summary>Adds to a balance if the stored version is the one before, and stores the version, in one transaction; otherwise does nothing.</summary>
    Task AddAsync(string accountId, decimal amount, long version, CancellationToken cancellationToken);
}

public sealed class BalanceProjection(IBalanceTable balances) : IEventHandler<AccountCharged>, IEventHandler<AccountDebited>
{
    public async ValueTask HandleAsync(AccountCharged @event, EventContext context, CancellationToken cancellationToken = default) =>
        await balances.AddAsync(context.Stream!.Id, @event.Amount, context.Version, cancellationToken);

    public async ValueTask HandleAsync(AccountDebited @event, EventContext context, CancellationToken cancellationToken = default) =>
        await balances.AddAsync(context.Stream!.Id, -@event.Amount, context.Version, cancellationToken);
}
