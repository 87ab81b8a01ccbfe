namespace Shop.Demo.Check;

/// <summary>What the check does to the shop: drawn from a seed, so that a failing run can be repeated.</summary>
public sealed class Workload
{
    private Workload(int seed, IReadOnlyList<PlannedCharge> charges, IReadOnlyList<PlannedOrder> orders) => (Seed, Charges, Orders) = (seed, charges, orders);

    /// <summary>Gets the seed.</summary>
    public int Seed { get; }

    /// <summary>Gets the charges, of which the first half comes before all orders and the second half among them.</summary>
    public IReadOnlyList<PlannedCharge> Charges { get; }

    /// <summary>Gets the orders.</summary>
    public IReadOnlyList<PlannedOrder> Orders { get; }

    /// <summary>Gets the customers.</summary>
    public IEnumerable<string> Customers => Charges.Select(charge => charge.CustomerId).Distinct();

    /// <summary>Draws a workload in which the money of every customer is enough for about three quarters of the orders.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="customers">The number of customers.</param>
    /// <param name="orders">The number of orders.</param>
    public static Workload Draw(int seed, int customers, int orders)
    {
        var random = new Random(seed);
        var planned = Enumerable.Range(0, orders)
            .Select(number => new PlannedOrder($"order {number}", $"customer-{random.Next(customers):d3}", random.Next(100, 5_000)))
            .ToList();
        var demand = planned.ToLookup(order => order.CustomerId, order => order.Amount);
        var names = Enumerable.Range(0, customers).Select(number => $"customer-{number:d3}").ToList();
        var first = names.Select(name => new PlannedCharge($"first charge of {name}", name, 1 + (demand[name].Sum() * 45 / 100)));
        var second = names.Select(name => new PlannedCharge($"second charge of {name}", name, 1 + (demand[name].Sum() * 30 / 100)));
        return new Workload(seed, [.. first, .. second], planned);
    }
}
