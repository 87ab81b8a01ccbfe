using System.Globalization;
using Shop.Orders;

namespace Shop.Demo.Tour;

/// <summary>Some customers who open accounts and place orders, of which not all can be paid.</summary>
internal sealed class Story(ShopClient commands, ShopClient queries, TextWriter output)
{
    private static readonly (string Name, long Charge, long[] Orders)[] Customers =
    [
        ("Ann", 10_000, [2_500, 1_999, 4_000]),
        ("Ben", 3_000, [1_250, 2_500]),
        ("Carla", 500, [700]),
    ];

    // A Kafka that the shop has run on before knows the customers of that time.
    private readonly string _run = Guid.NewGuid().ToString("N")[..4];

    public async Task TellAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, charge, orders) in Customers)
        {
            await TellAsync(name, $"{name.ToLowerInvariant()}-{_run}", charge, orders, cancellationToken);
        }
    }

    private async Task TellAsync(string name, string customerId, long charge, long[] orders, CancellationToken cancellationToken)
    {
        await commands.OpenAsync(customerId, name, cancellationToken);
        var charged = await commands.ChargeAsync(customerId, charge, key: $"{customerId} charge", cancellationToken);
        output.WriteLine($"\n{name} opens an account and puts {Money(charge)} on it: the event is in the log at {charged.Value.Position}.");
        var balance = await queries.GetBalanceAsync(customerId, charged.Value.Position, cancellationToken);
        output.WriteLine($"  A query that waits for this position sees {Money(balance.Balance)}.");

        for (var number = 0; number < orders.Length; number++)
        {
            var placed = await commands.PlaceAsync(customerId, orders[number], key: $"{customerId} order {number}", cancellationToken);
            output.WriteLine($"  {name} places an order for {Money(orders[number])}: {(int)placed.Status} {placed.Status}, its status is at {placed.Location}");
            var order = await WaitForEndAsync(placed.Location!, cancellationToken);
            output.WriteLine($"    {order.Status}{(order.Reason is null ? "" : $": {order.Reason}")}");
        }
    }

    private async Task<OrderView> WaitForEndAsync(string statusAddress, CancellationToken cancellationToken)
    {
        while (true)
        {
            var order = await queries.GetOrderAsync(statusAddress, cancellationToken);

            if (order.Status != OrderStatus.Placed)
            {
                return order;
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    private static string Money(long cents) => (cents / 100m).ToString("0.00", CultureInfo.InvariantCulture);
}
