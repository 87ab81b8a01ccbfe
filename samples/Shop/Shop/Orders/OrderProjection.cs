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
            "INSERT INTO orders (id, customer, amount, status, part, placed_at) VALUES ($id, $customer, $amount, 'Placed', $part, $at)",
            ("$id", @event.OrderId),
            ("$customer", @event.CustomerId),
            ("$amount", @event.Amount));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask HandleAsync(OrderConfirmed @event, EventContext context, CancellationToken cancellationToken = default)
    {
        table.Apply(context, "UPDATE orders SET status = 'Confirmed', ended_at = $at WHERE id = $id AND part = $part", ("$id", @event.OrderId));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask HandleAsync(OrderRejected @event, EventContext context, CancellationToken cancellationToken = default)
    {
        table.Apply(
            context, "UPDATE orders SET status = 'Rejected', reason = $reason, ended_at = $at WHERE id = $id AND part = $part", ("$id", @event.OrderId), ("$reason", @event.Reason));
        return ValueTask.CompletedTask;
    }
}
