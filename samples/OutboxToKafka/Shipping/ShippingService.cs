using Messaging.Patterns;
using Microsoft.EntityFrameworkCore;
using OutboxToKafka.Ordering;

namespace OutboxToKafka.Shipping;

/// <summary>Ships what was ordered. Shares nothing with the ordering service but the events.</summary>
internal static class ShippingService
{
    public const string Topic = "shipping.orders";

    public static IMessagingPatternsBuilder AddShipping(this IMessagingPatternsBuilder messaging, IConfiguration configuration) => messaging
        .AddDatabase<ShippingContext>(configuration.GetConnectionString("Shipping"))
        .AddRoute<OrderShipped>(Topic, shipped => shipped.OrderId, topic => topic.Partitions = 3)
        .AddConsumerGroup("shipping", group => group
            .From(OrderingService.Topic)
            .Handle<OrderPlaced, PackingHandler>()
            .ConfigureConsumer(GroupSettings.TakeOverSoon)
            .WithInbox<ShippingContext>());

    public static void MapShipping(this WebApplication app) =>
        app.MapGet("/parcels", (ShippingContext context, CancellationToken cancellationToken) => context.Parcels.AsNoTracking().ToListAsync(cancellationToken));
}
