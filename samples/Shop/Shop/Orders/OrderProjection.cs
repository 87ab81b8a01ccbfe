using Messaging.Patterns.Consuming;

namespace Shop.Orders;

/// <summary>Keeps the table of orders.</summary>
public sealed class OrderProjection(OrderTable table) : IEventHandler<OrderPlaced>, IEventHandler<OrderConfirmed>, IEventHandler<OrderRejected>
{
    /// <inheritdoc/>
    public ValueTask HandleAsync(OrderPlaced @event, EventContext context, CancellationToken cancellationToken = default)
    {
        table.Apply(
            context,
            "INSERT INTO orders (id, customer, amount, status) VALUES ($id, $customer, $amount, 'Placed')",
            ("$id", @event.OrderId),
            ("$customer", @event.CustomerId),
            ("$amount", @event.Amount));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask HandleAsync(OrderConfirmed @event, EventContext context, CancellationToken cancellationToken = default)
    {
        table.Apply(context, "UPDATE orders SET status = 'Confirmed' WHERE id = $id", ("$id", @event.OrderId));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask HandleAsync(OrderRejected @event, EventContext context, CancellationToken cancellationToken = default)
    {
        table.Apply(
            context, "UPDATE orders SET status = 'Rejected', reason = $reason WHERE id = $id", ("$id", @event.OrderId), ("$reason", @event.Reason));
        return ValueTask.CompletedTask;
    }
}
