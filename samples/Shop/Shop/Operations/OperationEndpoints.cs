using Messaging.Patterns.Consuming;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Balances;

namespace Shop.Operations;

/// <summary>What an operator does: looks how the table of balances stands, has its handler broken and corrected, and rewinds it. A real shop asks for authorization first.</summary>
internal static class OperationEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    public static void MapOperations(this IEndpointRouteBuilder app)
    {
        var operations = app.MapGroup("/operations").WithTags("Operations").ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        operations.MapGet("/", GetAsync).WithSummary("Returns how the table of balances stands: its handler, its lag, its last rewind.");
        operations.MapPut("/handler", SetHandler).WithSummary("Gives the handler of balances a bug (it adds what is to be subtracted), or corrects it. What it did stays.");
        operations.MapPost("/rewinds", RewindAsync).WithSummary("Lets the table of balances be built again from some time back, while everything runs.");
    }

    private static async Task<Ok<OperationsView>> GetAsync(BalanceTable table, ShopOptions shop, IConsumerGroupControl control, CancellationToken cancellationToken)
    {
        var status = await control.DescribeAsync(ScopeOf(shop, table), cancellationToken);
        var rewind = await control.ListRewindsAsync(status.Group, cancellationToken) is [var last, ..] ? last : null;
        return TypedResults.Ok(new OperationsView(
            table.HasBug, status.Members.Count, status.Lag, status.LagTime.TotalSeconds, rewind is null ? null : new RewindView(rewind.Operation, rewind.IsDone, rewind.Progress)));
    }

    private static NoContent SetHandler(HandlerState state, BalanceTable table)
    {
        table.HasBug = state.HasBug;
        return TypedResults.NoContent();
    }

    private static async Task<Accepted<RewindAccepted>> RewindAsync(RewindBalances command, BalanceTable table, ShopOptions shop, IConsumerGroupControl control, CancellationToken cancellationToken)
    {
        var plan = await control.PlanRewindAsync(ScopeOf(shop, table), RewindTarget.Back(TimeSpan.FromHours(command.Hours)), cancellationToken);
        return TypedResults.Accepted("/operations", new RewindAccepted(await control.RewindAsync(plan, cancellationToken), plan.Repeated));
    }

    // This process may have no member of the group.
    private static GroupScope ScopeOf(ShopOptions shop, BalanceTable table) => new(BalanceService.GroupOf(shop, table)) { Topics = [shop.AccountsTopic] };
}
