using Messaging.Patterns.EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Shop.Http;

namespace Shop.Orders;

/// <summary>The command of the order service. Its answer comes later: 202, with the address at which it will be.</summary>
internal static class OrderCommands
{
    /// <summary>Maps the endpoint.</summary>
    public static void MapOrderCommands(this IEndpointRouteBuilder app) =>
        app.MapPost("/orders", PlaceAsync).WithTags("Orders").ProducesValidationProblem()
            .WithSummary("Places an order. Whether it is paid is told later, at the address in the Location header.");

    private static async Task<Accepted<OrderAccepted>> PlaceAsync(
        PlaceOrder command, [FromHeader(Name = IdempotencyKey.Header)] IdempotencyKey? key, IEventStore store, CancellationToken cancellationToken)
    {
        // The order is named after the command, so that the command sent again means the same order.
        var id = key.ToAppendId();
        var orderId = id.ToString();
        var result = await store.DecideAsync(
            Order.Stream(orderId),
            Order.Decider,
            order => order.Place(orderId, command.CustomerId, command.Amount),
            new DecideOptions { Id = id },
            cancellationToken);
        return TypedResults.Accepted(Links.To($"/orders/{orderId}", result.Position), new OrderAccepted(orderId, result.Position.ToString()));
    }
}
