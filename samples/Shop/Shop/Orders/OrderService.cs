using Messaging.Patterns;
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
                .KeepPositionIn<OrderTable>()
                .From(shop.OrdersTopic)
                .Handle<OrderPlaced, OrderProjection>()
                .Handle<OrderConfirmed, OrderProjection>()
                .Handle<OrderRejected, OrderProjection>());
    }
}
