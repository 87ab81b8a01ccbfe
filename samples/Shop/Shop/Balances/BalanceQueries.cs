using Messaging.Patterns.EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Data.Sqlite;

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

    private static async Task<Ok<List<BalanceView>>> ListAsync(Position? after, BalanceTable table, CancellationToken cancellationToken)
    {
        await table.WaitForAsync(after, cancellationToken);
        return TypedResults.Ok(table.Query("SELECT customer, max(name), sum(amount) FROM changes GROUP BY customer ORDER BY customer", View));
    }

    private static async Task<Ok<BalanceView>> GetAsync(string customerId, Position? after, BalanceTable table, CancellationToken cancellationToken)
    {
        await table.WaitForAsync(after, cancellationToken);
        var found = table.Query("SELECT customer, max(name), sum(amount) FROM changes WHERE customer = $customer GROUP BY customer", View, ("$customer", customerId));
        return found is [var balance]
            ? TypedResults.Ok(balance)
            : throw new ShopException(ShopError.NotFound, $"Customer '{customerId}' has no account.");
    }

    private static BalanceView View(SqliteDataReader row) => new(row.GetString(0), row.GetString(1), row.GetInt64(2));
}
