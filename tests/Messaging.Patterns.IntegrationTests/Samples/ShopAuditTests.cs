using Messaging.Patterns.EventSourcing;
using Shop.Balances;
using Shop.Customers;
using Shop.Demo.Check;
using Shop.Orders;

namespace Messaging.Patterns.IntegrationTests.Samples;

/// <summary>The shop's check finds what may go wrong: a log with one fault is told apart from one without.</summary>
public sealed class ShopAuditTests
{
    private static readonly Workload Workload = Workload.Draw(seed: 7, customers: 3, orders: 30);
    private static readonly Dictionary<string, string> OrderIds = Workload.Orders.ToDictionary(order => order.Key, order => order.Key.Replace(' ', '-'), StringComparer.Ordinal);
    private static readonly IReadOnlyList<(StreamId Stream, object Payload)> Good = [.. Play()];
    private static readonly AccountDebited Debit = Good.Select(entry => entry.Payload).OfType<AccountDebited>().First();
    private static readonly DebitRefused Refusal = Good.Select(entry => entry.Payload).OfType<DebitRefused>().First();

    [Fact]
    public void A_log_without_faults_passes()
    {
        var log = Fold(Good);

        Assert.Empty(Audit.OfLog(Workload, OrderIds, log));
        Assert.Contains(log.Orders.Values, order => order.Status == OrderStatus.Confirmed);
        Assert.Contains(log.Orders.Values, order => order.Status == OrderStatus.Rejected);
    }

    [Fact]
    public void A_lost_order_is_found() =>
        AssertFinds("was accepted, but is not in the log", Without(payload => payload switch
        {
            OrderPlaced placed => placed.OrderId == Debit.OrderId,
            AccountDebited debited => debited.OrderId == Debit.OrderId,
            OrderConfirmed confirmed => confirmed.OrderId == Debit.OrderId,
            _ => false,
        }));

    [Fact]
    public void An_order_placed_twice_is_found() =>
        AssertFinds("was placed once by", With(Good.First(entry => entry.Payload is OrderPlaced)));

    [Fact]
    public void An_order_that_nobody_placed_is_found() =>
        AssertFinds("but nobody placed it", With((Order.Stream("ghost"), new OrderPlaced("ghost", "customer-000", 1))));

    [Fact]
    public void A_second_debit_is_found() => AssertFinds("was debited 2 times", With((Account.Stream(Debit.CustomerId), Debit)));

    [Fact]
    public void A_debit_after_a_refusal_is_found() => AssertFinds(
        "was debited 1 times and refused 1 times",
        With((Account.Stream(Refusal.CustomerId), new AccountDebited(Refusal.CustomerId, Refusal.OrderId, Refusal.Amount))));

    [Fact]
    public void A_debit_of_another_amount_is_found() => AssertFinds(
        "were debited", Replace(Debit, Debit with { Amount = Debit.Amount - 1 }));

    [Fact]
    public void An_order_that_never_ended_is_found() =>
        AssertFinds("then confirmed 0 times and rejected 0 times", Without(payload => payload is OrderConfirmed confirmed && confirmed.OrderId == Debit.OrderId));

    [Fact]
    public void An_order_confirmed_without_payment_is_found() =>
        AssertFinds("was debited 0 times, and then confirmed 1 times", With((Order.Stream(Refusal.OrderId), new OrderConfirmed(Refusal.OrderId))));

    [Fact]
    public void An_account_below_zero_is_found() => AssertFinds("was at -", Without(payload => payload is AccountCharged));

    [Fact]
    public void A_doubled_charge_is_found() => AssertFinds("was charged with", With(Good.First(entry => entry.Payload is AccountCharged)));

    [Fact]
    public void Money_that_vanished_is_found() =>
        AssertFinds("Money is not conserved", Without(payload => payload is OrderConfirmed confirmed && confirmed.OrderId == Debit.OrderId));

    [Fact]
    public void A_gap_in_a_stream_is_found()
    {
        var log = new LogFold();
        log.Add(Record(Account.Stream("a"), 1, new AccountOpened("a", "A")));
        log.Add(Record(Account.Stream("a"), 3, new AccountCharged("a", 5)));

        Assert.Equal(["Stream 'account-a' goes from version 1 to 3."], log.Gaps);
    }

    [Fact]
    public void A_run_in_which_every_order_was_paid_does_not_count() => AssertFinds(
        "All orders ended alike",
        Without(payload => payload is DebitRefused or OrderRejected || (payload is OrderPlaced placed && IsRefused(placed.OrderId))));

    [Fact]
    public void A_wrong_a_missing_and_an_extra_balance_are_found()
    {
        var log = Fold(Good);
        var balances = log.Accounts.Select(account => new BalanceView(account.Key, account.Key, account.Value.Balance)).ToList();
        Assert.Empty(Audit.OfBalances("read-1", balances, log));

        var faults = Audit.OfBalances("read-1", [balances[0] with { Balance = balances[0].Balance + 1 }, balances[1], new BalanceView("ghost", "Ghost", 1)], log);

        Assert.Equal(3, faults.Count());
    }

    [Fact]
    public void An_order_answered_wrongly_is_found()
    {
        var log = Fold(Good);
        var order = new OrderView(Debit.OrderId, Debit.CustomerId, Debit.Amount, OrderStatus.Confirmed, null);
        Assert.Empty(Audit.OfOrders("read-1", [order], log));

        Assert.Single(Audit.OfOrders("read-1", [order with { Status = OrderStatus.Placed }], log));
        Assert.Single(Audit.OfOrders("read-1", [order with { OrderId = "ghost" }], log));
    }

    private static bool IsRefused(string orderId) => Good.Any(entry => entry.Payload is DebitRefused refused && refused.OrderId == orderId);

    private static void AssertFinds(string fault, IEnumerable<(StreamId Stream, object Payload)> entries) =>
        Assert.Contains(Audit.OfLog(Workload, OrderIds, Fold(entries)), found => found.Contains(fault, StringComparison.Ordinal));

    private static IEnumerable<(StreamId Stream, object Payload)> With((StreamId Stream, object Payload) entry) => Good.Append(entry);

    private static IEnumerable<(StreamId Stream, object Payload)> Without(Func<object, bool> isGone) => Good.Where(entry => !isGone(entry.Payload));

    private static IEnumerable<(StreamId Stream, object Payload)> Replace(object old, object replacement) =>
        Good.Select(entry => ReferenceEquals(entry.Payload, old) ? (entry.Stream, replacement) : entry);

    /// <summary>Plays the workload by the shop's own rules, with nothing going wrong.</summary>
    private static IEnumerable<(StreamId Stream, object Payload)> Play()
    {
        var balances = Workload.Customers.ToDictionary(customer => customer, _ => 0L, StringComparer.Ordinal);

        foreach (var customer in Workload.Customers)
        {
            yield return (Account.Stream(customer), new AccountOpened(customer, customer));
        }

        foreach (var charge in Workload.Charges)
        {
            balances[charge.CustomerId] += charge.Amount;
            yield return (Account.Stream(charge.CustomerId), new AccountCharged(charge.CustomerId, charge.Amount));
        }

        foreach (var order in Workload.Orders)
        {
            var orderId = OrderIds[order.Key];
            var decided = new Account(IsOpen: true, balances[order.CustomerId]).Debit(order.CustomerId, orderId, order.Amount).Single();
            balances[order.CustomerId] -= decided is AccountDebited ? order.Amount : 0;
            yield return (Order.Stream(orderId), new OrderPlaced(orderId, order.CustomerId, order.Amount));
            yield return (Account.Stream(order.CustomerId), decided);
            yield return (Order.Stream(orderId), decided is DebitRefused refused ? new OrderRejected(orderId, refused.Reason) : new OrderConfirmed(orderId));
        }
    }

    private static LogFold Fold(IEnumerable<(StreamId Stream, object Payload)> entries)
    {
        var (log, versions) = (new LogFold(), new Dictionary<StreamId, long>());

        foreach (var (stream, payload) in entries)
        {
            log.Add(Record(stream, versions[stream] = versions.GetValueOrDefault(stream) + 1, payload));
        }

        return log;
    }

    private static RecordedEvent Record(StreamId stream, long version, object payload) => new()
    {
        Stream = stream,
        Version = version,
        Id = $"{stream}:{version}",
        Type = payload.GetType().Name,
        Time = DateTimeOffset.UnixEpoch,
        Position = Position.At("log:0", version),
        Payload = payload,
    };
}
