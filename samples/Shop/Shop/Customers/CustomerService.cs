using Messaging.Patterns;
using Shop.Orders;

namespace Shop.Customers;

/// <summary>Registers the customer service.</summary>
internal static class CustomerService
{
    /// <summary>Adds what listens to orders.</summary>
    public static IMessagingPatternsBuilder AddCustomers(this IMessagingPatternsBuilder messaging, ShopOptions shop) => shop.Has(ShopRoles.Listen)
        ? messaging.AddConsumerGroup($"{shop.Prefix}customers", group => group.From(shop.OrdersTopic).Handle<OrderPlaced, OrderPlacedHandler>())
        : messaging;
}
