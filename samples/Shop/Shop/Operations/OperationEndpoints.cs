using Messaging.Patterns.Consuming;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.Balances;
using Shop.ReadModels;

namespace Shop.Operations;

/// <summary>What an operator does: looks how the table of balances stands, has its handler broken and corrected, and rewinds it. A real shop asks for authorization first.</summary>
internal static class OperationEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    public static void MapOperations(this IEndpointRouteBuilder app)
    {
        var operations = app.MapGroup("/operations").WithTags("Operations").ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        operations.MapGet("/", GetAsync).WithSummary("Returns how the table of balances stands: its handler, its lag, its last rewind.");
        operations.MapPut("/handler", SetHandlerAsync).WithSummary("Gives the handler of balances a bug (it adds what is to be subtracted), or corrects it. What it did stays.");
        operations.MapPost("/rewinds", RewindAsync).WithSummary("Lets the table of balances be built again from some time back, while everything runs.");
    }

    private static async Task<Ok<OperationsView>> GetAsync(
        ReadTables tables, ReadContext context, ShopOptions shop, IConsumerGroupControl control, CancellationToken cancellationToken)
    {
        var status = await control.DescribeAsync(ScopeOf(shop, tables), cancellationToken);
        var rewind = await control.ListRewindsAsync(status.Group, cancellationToken) is [var last, ..] ? last : null;
        return TypedResults.Ok(new OperationsView(
            await context.Settings.AnyAsync(one => one.Name == ReadSetting.Bug, cancellationToken), status.Members.Count, status.Lag, status.LagTime.TotalSeconds, rewind is null ? null : new RewindView(rewind.Operation, rewind.IsDone, rewind.Progress)));
    }

    private static async Task<NoContent> SetHandlerAsync(HandlerState state, ReadContext tables, CancellationToken cancellationToken)
    {
        await tables.Settings.Where(one => one.Name == ReadSetting.Bug).ExecuteDeleteAsync(cancellationToken);

        if (state.HasBug)
        {
            tables.Settings.Add(new ReadSetting { Name = ReadSetting.Bug });
            await tables.SaveChangesAsync(cancellationToken);
        }

        return TypedResults.NoContent();
    }

    private static async Task<Accepted<RewindAccepted>> RewindAsync(RewindBalances command, ReadTables tables, ShopOptions shop, IConsumerGroupControl control, CancellationToken cancellationToken)
    {
        var plan = await control.PlanRewindAsync(ScopeOf(shop, tables), RewindTarget.Back(TimeSpan.FromHours(command.Hours)), cancellationToken);
        return TypedResults.Accepted("/operations", new RewindAccepted(await control.RewindAsync(plan, cancellationToken), plan.Repeated));
    }

    // This process may have no member of the group.
    private static GroupScope ScopeOf(ShopOptions shop, ReadTables tables) => new(BalanceService.GroupOf(shop, tables)) { Topics = [shop.AccountsTopic] };
}
