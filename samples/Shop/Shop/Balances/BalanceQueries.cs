using Messaging.Patterns.EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.ReadModels;

namespace Shop.Balances;

/// <summary>The queries on the table of balances.</summary>
internal static class BalanceQueries
{
    /// <summary>Maps the endpoints.</summary>
    public static void MapBalanceQueries(this IEndpointRouteBuilder app)
    {
        var balances = app.MapGroup("/balances").WithTags("Balances").ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        balances.MapGet("/", ListAsync).WithSummary("Returns all balances, as they are at least after a position.");
        balances.MapGet("/{customerId}", GetAsync).WithSummary("Returns a balance, as it is at least after a position.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<List<BalanceView>>> ListAsync(Position? after, ReadContext tables, ShopOptions shop, CancellationToken cancellationToken)
    {
        await ReadTables.WaitAsync(tables, shop.AccountsTopic, after, shop.WaitAtMost, cancellationToken);
        return TypedResults.Ok(await Balances(tables.Changes).ToListAsync(cancellationToken));
    }

    private static async Task<Ok<BalanceView>> GetAsync(string customerId, Position? after, ReadContext tables, ShopOptions shop, CancellationToken cancellationToken)
    {
        await ReadTables.WaitAsync(tables, shop.AccountsTopic, after, shop.WaitAtMost, cancellationToken);
        return await Balances(tables.Changes.Where(change => change.Customer == customerId)).SingleOrDefaultAsync(cancellationToken) is { } balance
            ? TypedResults.Ok(balance)
            : throw new ShopException(ShopError.NotFound, $"Customer '{customerId}' has no account.");
    }

    private static IQueryable<BalanceView> Balances(IQueryable<BalanceChange> changes) => changes
        .GroupBy(change => change.Customer)
        .OrderBy(customer => customer.Key)
        .Select(customer => new BalanceView(customer.Key, customer.Max(change => change.Name)!, customer.Sum(change => change.Amount)));
}
