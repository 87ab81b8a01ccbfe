using Messaging.Patterns.Consuming;
using Shop.Customers;

namespace Shop.Balances;

/// <summary>Keeps the table of balances. It can be told to have a bug, so that there is something to correct: see <see cref="Operations.OperationEndpoints"/>.</summary>
public sealed class BalanceProjection(BalanceTable table)
    : IEventHandler<AccountOpened>, IEventHandler<AccountCharged>, IEventHandler<AccountDebited>, IEventHandler<DebitRefused>
{
    /// <inheritdoc/>
    public ValueTask HandleAsync(AccountOpened @event, EventContext context, CancellationToken cancellationToken = default) =>
        Add(@event.CustomerId, 0, context, @event.Name);

    /// <inheritdoc/>
    public ValueTask HandleAsync(AccountCharged @event, EventContext context, CancellationToken cancellationToken = default) =>
        Add(@event.CustomerId, @event.Amount, context);

    /// <inheritdoc/>
    public ValueTask HandleAsync(AccountDebited @event, EventContext context, CancellationToken cancellationToken = default) =>
        Add(@event.CustomerId, table.HasBug ? @event.Amount : -@event.Amount, context);

    /// <summary>Changes no balance, but the table is then known to be as new as this event.</summary>
    public ValueTask HandleAsync(DebitRefused @event, EventContext context, CancellationToken cancellationToken = default) =>
        Add(@event.CustomerId, 0, context);

    private ValueTask Add(string customerId, long amount, EventContext context, string? name = null)
    {
        table.Apply(
            context,
            "INSERT INTO changes VALUES ($part, $at, $customer, $name, $amount)",
            ("$customer", customerId),
            ("$name", (object?)name ?? DBNull.Value),
            ("$amount", amount));
        return ValueTask.CompletedTask;
    }
}
