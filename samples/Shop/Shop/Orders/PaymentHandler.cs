using Messaging.Patterns.Consuming;
using Messaging.Patterns.EventSourcing;
using Shop.Customers;

namespace Shop.Orders;

/// <summary>Confirms an order once it is paid, and rejects it when the payment was refused.</summary>
public sealed class PaymentHandler(IEventStore store) : IEventHandler<AccountDebited>, IEventHandler<DebitRefused>
{
    /// <inheritdoc/>
    public ValueTask HandleAsync(AccountDebited @event, EventContext context, CancellationToken cancellationToken = default) =>
        DecideAsync(@event.OrderId, order => order.Confirm(@event.OrderId), context, cancellationToken);

    /// <inheritdoc/>
    public ValueTask HandleAsync(DebitRefused @event, EventContext context, CancellationToken cancellationToken = default) =>
        DecideAsync(@event.OrderId, order => order.Reject(@event.OrderId, @event.Reason), context, cancellationToken);

    private async ValueTask DecideAsync(
        string orderId, Func<Order, IEnumerable<object>> decide, EventContext context, CancellationToken cancellationToken) =>
        await store.DecideAsync(Order.Stream(orderId), Order.Decider, decide, new DecideOptions { Id = context.AppendId }, cancellationToken);
}
