using System.ComponentModel.DataAnnotations;
using Messaging.Patterns.EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Data.Sqlite;

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
        Position? after, OrderTable table, CancellationToken cancellationToken, [Range(1, 1_000)] int limit = 50)
    {
        await table.WaitForAsync(after, cancellationToken);
        var newest = table.Query("SELECT id, customer, amount, status, reason FROM orders ORDER BY number DESC LIMIT $limit", View, ("$limit", limit));
        var counts = table.Query(
            "SELECT count(*) FILTER (WHERE status = 'Placed'), count(*) FILTER (WHERE status = 'Confirmed'), count(*) FILTER (WHERE status = 'Rejected') FROM orders",
            row => new OrderCounts(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)));
        return TypedResults.Ok(new OrderList(newest, counts.Single()));
    }

    private static OrderView View(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetInt64(2), Enum.Parse<OrderStatus>(row.GetString(3)), row.IsDBNull(4) ? null : row.GetString(4));
}
