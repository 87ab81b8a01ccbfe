using Messaging.Patterns;
using Microsoft.EntityFrameworkCore;
using OutboxToKafka.Shipping;

namespace OutboxToKafka.Ordering;

/// <summary>Takes orders, and learns of their shipment.</summary>
internal static class OrderingService
{
    public const string Topic = "ordering.orders";

    public static IMessagingPatternsBuilder AddOrdering(this IMessagingPatternsBuilder messaging, IConfiguration configuration) => messaging
        .AddDatabase<OrderingContext>(configuration.GetConnectionString("Ordering"))
        .AddRoute<OrderPlaced>(Topic, placed => placed.OrderId, topic => topic.Partitions = 3)
        .AddConsumerGroup("ordering", group => group
            .From(ShippingService.Topic)
            .Handle<OrderShipped, OrderShippedHandler>()
            .ConfigureConsumer(GroupSettings.TakeOverSoon)
            .WithInbox<OrderingContext>());

    public static void MapOrdering(this WebApplication app)
    {
        app.MapPost("/orders", async (PlaceOrder command, OrderingContext context, CancellationToken cancellationToken) =>
        {
            var order = new Order { Id = $"{Guid.NewGuid():N}", Product = command.Product, Quantity = command.Quantity };
            context.Orders.Add(order);

            // The order and the event that tells of it: both or neither.
            context.AddOutboxEvent(new OrderPlaced(order.Id, order.Product, order.Quantity));
            await context.SaveChangesAsync(cancellationToken);
            return TypedResults.Created($"/orders/{order.Id}", order);
        });

        app.MapGet("/orders", (OrderingContext context, CancellationToken cancellationToken) => context.Orders.AsNoTracking().ToListAsync(cancellationToken));
    }
}
