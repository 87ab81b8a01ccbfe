using System.ComponentModel.DataAnnotations;
using Messaging.Patterns.EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.ReadModels;

namespace Shop.Orders;

/// <summary>The queries of the order service: one order from its own events, the newest orders from the table.</summary>
internal static class OrderQueries
{
    /// <summary>Maps the endpoints.</summary>
    public static void MapOrderQueries(this IEndpointRouteBuilder app)
    {
        var orders = app.MapGroup("/orders").WithTags("Orders").ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        orders.MapGet("/{orderId}", GetAsync).WithSummary("Returns an order, as it is at least after a position.").ProducesProblem(StatusCodes.Status404NotFound);
        orders.MapGet("/", ListAsync).WithSummary("Returns the newest orders, as they are at least after a position.");
    }

    private static async Task<Ok<OrderView>> GetAsync(string orderId, Position? after, IEventReader events, CancellationToken cancellationToken)
    {
        var read = new StreamReadOptions { Consistency = after is null ? ReadConsistency.Local : ReadConsistency.Session(after) };
        var order = Order.Decider.Initial;

        await foreach (var recorded in events.ReadStreamAsync(Order.Stream(orderId), read, cancellationToken))
        {
            order = Order.Decider.Evolve(order, recorded.Payload);
        }

        return order.Status != OrderStatus.None
            ? TypedResults.Ok(new OrderView(orderId, order.CustomerId, order.Amount, order.Status, order.Reason))
            : throw new ShopException(ShopError.NotFound, $"There is no order '{orderId}'.");
    }

    private static async Task<Ok<OrderList>> ListAsync(
        Position? after, ReadContext tables, ShopOptions shop, CancellationToken cancellationToken, [Range(1, 1_000)] int limit = 50)
    {
        await ReadTables.WaitAsync(tables, shop.OrdersTopic, after, shop.WaitAtMost, cancellationToken);
        var newest = await tables.Orders.OrderByDescending(order => order.Number).Take(limit)
            .Select(order => new OrderView(order.Id, order.Customer, order.Amount, order.Status, order.Reason)).ToListAsync(cancellationToken);
        var counts = await tables.Orders.GroupBy(order => order.Status).Select(status => new { status.Key, Count = status.LongCount() }).ToDictionaryAsync(
            status => status.Key, status => status.Count, cancellationToken);
        return TypedResults.Ok(new OrderList(
            newest, new(counts.GetValueOrDefault(OrderStatus.Placed), counts.GetValueOrDefault(OrderStatus.Confirmed), counts.GetValueOrDefault(OrderStatus.Rejected))));
    }
}
