using Messaging.Patterns.EventSourcing;
using Shop.Customers;
using Shop.Orders;

namespace Shop.Demo.Check;

/// <summary>What follows from the whole log, counted here once more and independently of the shop's own code.</summary>
public sealed class LogFold
{
    private readonly Dictionary<StreamId, long> _versions = [];

    /// <summary>Gets the accounts by customer.</summary>
    public Dictionary<string, FoldedAccount> Accounts { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the orders by id.</summary>
    public Dictionary<string, FoldedOrder> Orders { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the place of the last events of all accounts: a table of balances that has passed it is complete.</summary>
    public Position AccountsEnd { get; private set; } = Position.Start;

    /// <summary>Gets the place of the last events of all orders.</summary>
    public Position OrdersEnd { get; private set; } = Position.Start;

    /// <summary>Gets streams whose versions are not 1, 2, 3 ...</summary>
    public List<string> Gaps { get; } = [];

    /// <summary>Adds an event.</summary>
    public void Add(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);

        if (recorded.Version != _versions.GetValueOrDefault(recorded.Stream) + 1)
        {
            Gaps.Add($"Stream '{recorded.Stream}' goes from version {_versions.GetValueOrDefault(recorded.Stream)} to {recorded.Version}.");
        }

        _versions[recorded.Stream] = recorded.Version;

        if (recorded.Stream.Category == Account.Category)
        {
            AccountsEnd = AccountsEnd.Merge(recorded.Position);
        }
        else
        {
            OrdersEnd = OrdersEnd.Merge(recorded.Position);
        }

        Add(recorded.Payload);
    }

    /// <summary>Returns the sums.</summary>
    public override string ToString() =>
        $"{_versions.Values.Sum()} events, {Orders.Values.Count(order => order.Status == OrderStatus.Confirmed)} orders confirmed, "
        + $"{Orders.Values.Count(order => order.Status == OrderStatus.Rejected)} rejected, {Accounts.Values.Sum(account => account.Balance)} cents left on the accounts";

    private void Add(object payload)
    {
        switch (payload)
        {
            case AccountOpened opened:
                AccountOf(opened.CustomerId).Opened++;
                break;
            case AccountCharged charged:
                AccountOf(charged.CustomerId).Charge(charged.Amount);
                break;
            case AccountDebited debited:
                AccountOf(debited.CustomerId).Debit(debited.Amount);
                OrderOf(debited.OrderId).Debits.Add(debited.Amount);
                break;
            case DebitRefused refused:
                OrderOf(refused.OrderId).Refusals++;
                break;
            case OrderPlaced placed:
                OrderOf(placed.OrderId).Places.Add((placed.CustomerId, placed.Amount));
                break;
            case OrderConfirmed confirmed:
                OrderOf(confirmed.OrderId).Confirmations++;
                break;
            case OrderRejected rejected:
                OrderOf(rejected.OrderId).Rejections++;
                break;
            default:
                throw new InvalidOperationException($"The check does not know events of {payload.GetType()}.");
        }
    }

    private FoldedAccount AccountOf(string customerId) =>
        Accounts.TryGetValue(customerId, out var account) ? account : Accounts[customerId] = new FoldedAccount();

    private FoldedOrder OrderOf(string orderId) => Orders.TryGetValue(orderId, out var order) ? order : Orders[orderId] = new FoldedOrder();
}
