using Shop.Balances;
using Shop.Orders;

namespace Shop.Demo.Check;

/// <summary>Finds what is wrong. Each fault is a sentence that names the order or account.</summary>
public static class Audit
{
    /// <summary>Returns what the log has got wrong.</summary>
    /// <param name="workload">What was done.</param>
    /// <param name="orderIds">The ids of the orders, by idempotency key.</param>
    /// <param name="log">What is in the log.</param>
    public static IEnumerable<string> OfLog(Workload workload, IReadOnlyDictionary<string, string> orderIds, LogFold log)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(log);
        return log.Gaps
            .Concat(workload.Orders.SelectMany(order => OfOrder(order, orderIds[order.Key], log)))
            .Concat(log.Orders.Keys.Except(orderIds.Values).Select(orderId => $"Order {orderId} is in the log, but nobody placed it."))
            .Concat(workload.Charges.GroupBy(charge => charge.CustomerId).SelectMany(charges => OfAccount(charges.Key, charges.Sum(charge => charge.Amount), log)))
            .Concat(OfMoney(workload, log));
    }

    /// <summary>Returns where orders, as a process answers them, are not as the log has them.</summary>
    /// <param name="reader">The process.</param>
    /// <param name="orders">Its answers.</param>
    /// <param name="log">What is in the log.</param>
    public static IEnumerable<string> OfOrders(string reader, IEnumerable<OrderView> orders, LogFold log) =>
        from order in orders
        let expected = log.Orders.TryGetValue(order.OrderId, out var folded) ? folded.Status : OrderStatus.None
        where order.Status != expected || order.Status == OrderStatus.Placed
        select $"{reader} says that order {order.OrderId} is {order.Status}; in the log it is {expected}.";

    /// <summary>Returns where the balances, as a process answers them, are not as the log has them.</summary>
    /// <param name="reader">The process.</param>
    /// <param name="balances">Its answer.</param>
    /// <param name="log">What is in the log.</param>
    public static IEnumerable<string> OfBalances(string reader, IEnumerable<BalanceView> balances, LogFold log)
    {
        ArgumentNullException.ThrowIfNull(log);
        var answered = balances.ToDictionary(balance => balance.CustomerId, balance => balance.Balance, StringComparer.Ordinal);

        foreach (var customerId in log.Accounts.Keys.Union(answered.Keys))
        {
            long? expected = log.Accounts.TryGetValue(customerId, out var account) ? account.Balance : null;
            long? found = answered.TryGetValue(customerId, out var balance) ? balance : null;

            if (expected != found)
            {
                yield return $"{reader} says that {customerId} has {Describe(found)}; by the log it is {Describe(expected)}.";
            }
        }
    }

    private static string Describe(long? balance) => balance is { } cents ? $"{cents} cents" : "no account";

    private static IEnumerable<string> OfOrder(PlannedOrder planned, string orderId, LogFold log)
    {
        if (!log.Orders.TryGetValue(orderId, out var order))
        {
            yield return $"Order {orderId} was accepted, but is not in the log.";
            yield break;
        }

        if (order.Places is not [var placed] || placed != (planned.CustomerId, planned.Amount))
        {
            yield return $"Order {orderId} was placed once by {planned.CustomerId} for {planned.Amount} cents; in the log it is {string.Join(", ", order.Places)}.";
        }

        if (order.Debits.Count + order.Refusals != 1)
        {
            yield return $"Order {orderId} was debited {order.Debits.Count} times and refused {order.Refusals} times; expected was one of both, once.";
        }

        if (order.Debits.Any(amount => amount != planned.Amount))
        {
            yield return $"Order {orderId} costs {planned.Amount} cents, but {string.Join(", ", order.Debits)} were debited.";
        }

        if ((order.Confirmations, order.Rejections) != (Math.Min(order.Debits.Count, 1), order.Debits.Count > 0 ? 0 : 1))
        {
            yield return $"Order {orderId} was debited {order.Debits.Count} times, and then confirmed {order.Confirmations} times and rejected {order.Rejections} times.";
        }
    }

    private static IEnumerable<string> OfAccount(string customerId, long charged, LogFold log)
    {
        if (!log.Accounts.TryGetValue(customerId, out var account))
        {
            yield return $"The account of {customerId} was opened, but is not in the log.";
            yield break;
        }

        if (account.Opened != 1)
        {
            yield return $"The account of {customerId} was opened {account.Opened} times.";
        }

        if (account.Charged != charged)
        {
            yield return $"The account of {customerId} was charged with {charged} cents; in the log it is {account.Charged}.";
        }

        if (account.Lowest < 0)
        {
            yield return $"The account of {customerId} was at {account.Lowest} cents.";
        }
    }

    private static IEnumerable<string> OfMoney(Workload workload, LogFold log)
    {
        var charged = workload.Charges.Sum(charge => charge.Amount);
        var left = log.Accounts.Values.Sum(account => account.Balance);
        var paid = log.Orders.Values.Where(order => order.Confirmations > 0).SelectMany(order => order.Places.Take(1)).Sum(placed => placed.Amount);

        if (charged != left + paid)
        {
            yield return $"Money is not conserved: {charged} cents came in, {left} are on the accounts, and {paid} were paid.";
        }

        if (log.Orders.Values.All(order => order.Confirmations > 0) || log.Orders.Values.All(order => order.Rejections > 0))
        {
            yield return "All orders ended alike: the check has not seen both a payment and a refusal.";
        }
    }
}
