using Messaging.Patterns.Consuming;
using Shop.Customers;

namespace Shop.Balances;

/// <summary>Keeps the table of balances.</summary>
public sealed class BalanceProjection(BalanceTable table)
    : IEventHandler<AccountOpened>, IEventHandler<AccountCharged>, IEventHandler<AccountDebited>, IEventHandler<DebitRefused>
{
    /// <inheritdoc/>
    public ValueTask HandleAsync(AccountOpened @event, EventContext context, CancellationToken cancellationToken = default)
    {
        table.Apply(
            context, "INSERT INTO balances VALUES ($customer, $name, 0)", ("$customer", @event.CustomerId), ("$name", @event.Name));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask HandleAsync(AccountCharged @event, EventContext context, CancellationToken cancellationToken = default) =>
        Add(@event.CustomerId, @event.Amount, context);

    /// <inheritdoc/>
    public ValueTask HandleAsync(AccountDebited @event, EventContext context, CancellationToken cancellationToken = default) =>
        Add(@event.CustomerId, -@event.Amount, context);

    /// <summary>Changes no balance, but the table is then known to be as new as this event.</summary>
    public ValueTask HandleAsync(DebitRefused @event, EventContext context, CancellationToken cancellationToken = default) =>
        Add(@event.CustomerId, 0, context);

    private ValueTask Add(string customerId, long amount, EventContext context)
    {
        table.Apply(
            context,
            "UPDATE balances SET balance = balance + $amount WHERE customer = $customer",
            ("$amount", amount),
            ("$customer", customerId));
        return ValueTask.CompletedTask;
    }
}
