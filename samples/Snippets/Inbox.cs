using Messaging.Patterns;
using Messaging.Patterns.Consuming;
using Messaging.Patterns.EntityFrameworkCore.Inbox;
using Messaging.Patterns.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

[EventType("order-packed")]
public sealed record OrderPacked(string OrderId);

public sealed class Parcel
{
    public required string OrderId { get; init; }
}

public sealed class ShippingContext(DbContextOptions<ShippingContext> options) : DbContext(options)
{
    public DbSet<Parcel> Parcels => Set<Parcel>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddMessagingPatterns();
}

public sealed class Packing(ShippingContext shipping) : IEventHandler<OrderPlaced>
{
    public ValueTask HandleAsync(OrderPlaced @event, EventContext context, CancellationToken cancellationToken = default)
    {
        shipping.Parcels.Add(new Parcel { OrderId = @event.OrderId });
        shipping.AddOutboxEvent(new OrderPacked(@event.OrderId));
        return ValueTask.CompletedTask;
    }

    public static void Add(IMessagingPatternsBuilder builder)
    {
        builder.AddConsumerGroup("shipping", group => group.From("orders").Handle<OrderPlaced, Packing>().WithInbox<ShippingContext>());
    }

    public static void AddPosition(IMessagingPatternsBuilder builder)
    {
        builder
            .AddConsumerGroupControl()
            .AddConsumerGroup("shipping", group => group.From("orders").Handle<OrderPlaced, Packing>().WithInboxPosition<ShippingContext>());
    }

    public static void AddWithWindow(IMessagingPatternsBuilder builder)
    {
        builder.AddConsumerGroup("shipping", group => group
            .From("orders")
            .Handle<OrderPlaced, Packing>()
            .WithInbox<ShippingContext>(inbox => inbox.Window = TimeSpan.FromDays(14)));
    }
}
