using Messaging.Patterns;
using Messaging.Patterns.Consuming;
using Shop.Customers;

namespace Shop.Orders;

/// <summary>Registers the order service.</summary>
internal static class OrderService
{
    /// <summary>Adds the table of orders, what listens to payments, and what keeps the table.</summary>
    public static IMessagingPatternsBuilder AddOrders(this IMessagingPatternsBuilder messaging, ShopOptions shop)
    {
        var table = new OrderTable(shop);
        messaging.Services.AddSingleton(table);

        return !shop.Has(ShopRoles.Listen) ? messaging : messaging
            .AddConsumerGroup($"{shop.Prefix}orders", group => group
                .From(shop.AccountsTopic)
                .Handle<AccountDebited, PaymentHandler>()
                .Handle<DebitRefused, PaymentHandler>())
            .AddConsumerGroup($"{shop.Prefix}order-table-{table.Id}", group => group

                // The table remembers up to where it got, so nothing before that may still be open.
                .Ordered(ProcessingOrder.PerPartition)
                .From(shop.OrdersTopic)
                .Handle<OrderPlaced, OrderProjection>()
                .Handle<OrderConfirmed, OrderProjection>()
                .Handle<OrderRejected, OrderProjection>());
    }
}
