using Messaging.Patterns;
using Shop.Customers;
using Shop.ReadModels;

namespace Shop.Orders;

/// <summary>Registers the order service.</summary>
internal static class OrderService
{
    /// <summary>Adds what listens to payments, and what keeps the table of orders.</summary>
    public static IMessagingPatternsBuilder AddOrders(this IMessagingPatternsBuilder messaging, ShopOptions shop, ReadTables tables) =>
        !shop.Has(ShopRoles.Listen) ? messaging : messaging
            .AddConsumerGroup($"{shop.Prefix}orders", group => group
                .From(shop.AccountsTopic)
                .Handle<AccountDebited, PaymentHandler>()
                .Handle<DebitRefused, PaymentHandler>())
            .AddConsumerGroup($"{shop.Prefix}order-table-{tables.Id}", group => group
                .From(shop.OrdersTopic)
                .Handle<OrderPlaced, OrderProjection>()
                .Handle<OrderConfirmed, OrderProjection>()
                .Handle<OrderRejected, OrderProjection>()
                .WithInboxPosition<ReadContext>());
}
