using Messaging.Patterns.Consuming;
using Microsoft.EntityFrameworkCore;
using OutboxToKafka.Ordering;

namespace OutboxToKafka.Shipping;

/// <summary>Packs a parcel for each order. Nothing here asks whether the order came before: the inbox does, in the transaction that saves the parcel.</summary>
internal sealed class PackingHandler(ShippingContext context) : IEventHandler<OrderPlaced>
{
    public ValueTask HandleAsync(OrderPlaced @event, EventContext eventContext, CancellationToken cancellationToken = default)
    {
        var parcel = new Parcel { Id = $"{Guid.NewGuid():N}", OrderId = @event.OrderId };
        context.Parcels.Add(parcel);
        context.AddOutboxEvent(new OrderShipped(parcel.OrderId, parcel.Id));
        return ValueTask.CompletedTask;
    }
}
