using Messaging.Patterns.Consuming;
using OutboxToKafka.Shipping;

namespace OutboxToKafka.Ordering;

internal sealed class OrderShippedHandler(OrderingContext context) : IEventHandler<OrderShipped>
{
    public async ValueTask HandleAsync(OrderShipped @event, EventContext eventContext, CancellationToken cancellationToken = default)
    {
        var order = await context.Orders.FindAsync([@event.OrderId], cancellationToken) ?? throw new InvalidOperationException($"Order '{@event.OrderId}' was shipped and never placed.");
        order.ParcelId = @event.ParcelId;
    }
}
