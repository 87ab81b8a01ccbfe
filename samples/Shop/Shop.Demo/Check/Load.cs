using System.Collections.Concurrent;
using Shop.Demo.Processes;

namespace Shop.Demo.Check;

/// <summary>Sends a workload to the shop, and looks at once whether each command can be seen by who sent it.</summary>
internal sealed class Load(Workload workload, ShopFleet fleet)
{
    private const int RepeatEvery = 20;

    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentDictionary<string, string> _orderIds = new(StringComparer.Ordinal);

    /// <summary>Gets the ids of the orders placed, by idempotency key.</summary>
    public IReadOnlyDictionary<string, string> OrderIds => _orderIds;

    /// <summary>Gets what went wrong.</summary>
    public IEnumerable<string> Faults => _faults;

    /// <summary>Opens all accounts and makes the charges that come before all orders.</summary>
    public Task OpenAccountsAsync(CancellationToken cancellationToken) =>
        RunAsync(workload.Charges.Take(workload.Charges.Count / 2), OpenAsync, cancellationToken);

    /// <summary>Makes the charges that come among the orders.</summary>
    public Task ChargeAsync(CancellationToken cancellationToken) => RunAsync(
        workload.Charges.Skip(workload.Charges.Count / 2),
        async (charge, turn, token) => await fleet.Writer(turn).ChargeAsync(charge.CustomerId, charge.Amount, charge.Key, token),
        cancellationToken);

    /// <summary>Places some of the orders.</summary>
    public Task PlaceAsync(Range orders, CancellationToken cancellationToken) => RunAsync(workload.Orders.Take(orders), PlaceAsync, cancellationToken);

    private async Task OpenAsync(PlannedCharge charge, int turn, CancellationToken cancellationToken)
    {
        await fleet.Writer(turn).OpenAsync(charge.CustomerId, charge.CustomerId, cancellationToken);
        var charged = await fleet.Writer(turn).ChargeAsync(charge.CustomerId, charge.Amount, charge.Key, cancellationToken);
        var seen = await fleet.Reader(turn).GetBalanceAsync(charge.CustomerId, charged.Value.Position, cancellationToken);

        if (seen.Balance != charge.Amount)
        {
            _faults.Enqueue($"{charge.CustomerId} was charged with {charge.Amount} cents; a read after that saw {seen.Balance}.");
        }
    }

    private async Task PlaceAsync(PlannedOrder order, int turn, CancellationToken cancellationToken)
    {
        var placed = await fleet.Writer(turn).PlaceAsync(order.CustomerId, order.Amount, order.Key, cancellationToken);
        var orderId = _orderIds[order.Key] = placed.Value.OrderId;

        // As a client does that did not get the answer: the same command to another writer must mean the same order.
        if (turn % RepeatEvery == 0 && (await fleet.Writer(turn + 1).PlaceAsync(order.CustomerId, order.Amount, order.Key, cancellationToken)).Value.OrderId != orderId)
        {
            _faults.Enqueue($"Order {orderId} was sent twice with one key and became two orders.");
        }

        var seen = await fleet.Reader(turn).GetOrderAsync(placed.Location!, cancellationToken);

        if ((seen.OrderId, seen.CustomerId, seen.Amount) != (orderId, order.CustomerId, order.Amount))
        {
            _faults.Enqueue($"Order {orderId} was placed by {order.CustomerId} for {order.Amount} cents; its status address says {seen}.");
        }
    }

    private static Task RunAsync<T>(IEnumerable<T> commands, Func<T, int, CancellationToken, Task> send, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            commands.Select((command, turn) => (command, turn)),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (next, token) => await send(next.command, next.turn, token));
}
