using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Shop.Orders;

namespace Shop.Customers;

/// <summary>Pays for an order that was placed, or refuses to.</summary>
public sealed class OrderPlacedHandler(IEventStore store) : IEventHandler<OrderPlaced>
{
    /// <inheritdoc/>
    public async ValueTask HandleAsync(OrderPlaced @event, EventContext context, CancellationToken cancellationToken = default)
    {
        // The append id follows from the event: when the event comes again, after a crash or a rebalance, the account is not debited again.
        await store.DecideAsync(
            Account.Stream(@event.CustomerId),
            Account.Decider,
            account => account.Debit(@event.CustomerId, @event.OrderId, @event.Amount),
            new DecideOptions { Id = context.AppendId },
            cancellationToken);
    }
}
