using Messaging.Patterns.EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Shop.Http;

namespace Shop.Customers;

/// <summary>The commands of the customer service. Their answer is known at once: the event is in the log, or a rule said no.</summary>
internal static class CustomerCommands
{
    /// <summary>Maps the endpoints.</summary>
    public static void MapCustomerCommands(this IEndpointRouteBuilder app)
    {
        var accounts = app.MapGroup("/accounts").WithTags("Customers").ProducesValidationProblem();
        accounts.MapPost("/", OpenAsync).WithSummary("Opens an account.").ProducesProblem(StatusCodes.Status409Conflict);
        accounts.MapPost("/{customerId}/charges", ChargeAsync).WithSummary("Puts money on an account.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Created<Recorded>> OpenAsync(
        OpenAccount command, [FromHeader(Name = IdempotencyKey.Header)] IdempotencyKey? key, IEventStore store, CancellationToken cancellationToken)
    {
        var result = await store.DecideAsync(
            Account.Stream(command.CustomerId),
            Account.Decider,
            account => account.Open(command.CustomerId, command.Name),
            new DecideOptions { Id = key.ToAppendId() },
            cancellationToken);
        return TypedResults.Created(Links.To($"/balances/{command.CustomerId}", result.Position), Recorded.From(result));
    }

    private static async Task<Ok<Recorded>> ChargeAsync(
        [CustomerId] string customerId,
        ChargeAccount command,
        [FromHeader(Name = IdempotencyKey.Header)] IdempotencyKey? key,
        IEventStore store,
        CancellationToken cancellationToken)
    {
        var result = await store.DecideAsync(
            Account.Stream(customerId),
            Account.Decider,
            account => account.Charge(customerId, command.Amount),
            new DecideOptions { Id = key.ToAppendId() },
            cancellationToken);
        return TypedResults.Ok(Recorded.From(result));
    }
}
