using Messaging.Patterns.Consuming;
using Microsoft.EntityFrameworkCore;
using Shop.ReadModels;

namespace Shop.Orders;

/// <summary>Keeps the table of orders.</summary>
public sealed class OrderProjection(ReadContext tables) : IEventHandler<OrderPlaced>, IEventHandler<OrderConfirmed>, IEventHandler<OrderRejected>
{
    /// <inheritdoc/>
    public async ValueTask HandleAsync(OrderPlaced @event, EventContext context, CancellationToken cancellationToken = default)
    {
        // After a rewind it is there already, and its end comes again too.
        if (await FindAsync(@event.OrderId, cancellationToken) is null)
        {
            tables.Orders.Add(new OrderRow { Id = @event.OrderId, Customer = @event.CustomerId, Amount = @event.Amount });
        }
    }

    /// <inheritdoc/>
    public async ValueTask HandleAsync(OrderConfirmed @event, EventContext context, CancellationToken cancellationToken = default) =>
        (await FindAsync(@event.OrderId, cancellationToken))!.Status = OrderStatus.Confirmed;

    /// <inheritdoc/>
    public async ValueTask HandleAsync(OrderRejected @event, EventContext context, CancellationToken cancellationToken = default)
    {
        var order = (await FindAsync(@event.OrderId, cancellationToken))!;
        (order.Status, order.Reason) = (OrderStatus.Rejected, @event.Reason);
    }

    private Task<OrderRow?> FindAsync(string orderId, CancellationToken cancellationToken) => tables.Orders.SingleOrDefaultAsync(order => order.Id == orderId, cancellationToken);
}
