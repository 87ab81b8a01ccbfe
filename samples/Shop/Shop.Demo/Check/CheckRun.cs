using Shop.Demo.Processes;
using Shop.Orders;

namespace Shop.Demo.Check;

/// <summary>The course of one check.</summary>
internal sealed class CheckRun(Broker broker, ShopFleet fleet, Workload workload, Progress progress)
{
    private static readonly TimeSpan SettleAtMost = TimeSpan.FromMinutes(2);

    private readonly List<string> _faults = [];

    public async Task<List<string>> RunAsync(CancellationToken cancellationToken)
    {
        await fleet.StartAsync(writers: 1, listeners: 2, readers: 3, cancellationToken);
        progress.Say("Started 1 writer, 2 listeners and 3 readers.");

        var load = new Load(workload, fleet);
        await SendAsync(load, cancellationToken);
        _faults.AddRange(load.Faults);
        await SettleAsync(cancellationToken);

        var log = await LogReader.FoldAsync(broker, fleet.Prefix, cancellationToken);
        _faults.AddRange(Audit.OfLog(workload, load.OrderIds, log));
        progress.Say($"Folded the log afresh: {log}.");
        await CorrectAsync(log, cancellationToken);
        await VerifyReadersAsync(log, cancellationToken);

        await fleet.RebuildAsync(cancellationToken);
        progress.Say("Deleted the read models, and started listeners and readers again.");
        await VerifyReadersAsync(log, cancellationToken);
        return _faults;
    }

    private async Task SendAsync(Load load, CancellationToken cancellationToken)
    {
        var half = workload.Orders.Count / 2;
        var killAt = workload.Orders.Count * 7 / 10;
        await load.OpenAccountsAsync(cancellationToken);
        progress.Say($"Opened and charged {workload.Customers.Count()} accounts; every reader saw its charges.");

        await load.PlaceAsync(..half, cancellationToken);
        await fleet.StartAsync(writers: 1, listeners: 0, readers: 0, cancellationToken);
        await fleet.Reader(0).SetBugAsync(hasBug: true, cancellationToken);
        progress.Say($"Placed {half} orders, started a second writer, and deployed a bug: from now on the table of balances adds what is to be subtracted.");

        var charging = load.ChargeAsync(cancellationToken);
        await load.PlaceAsync(half..killAt, cancellationToken);
        progress.Say($"Placed {killAt - half} more over both writers, and killed {await fleet.KillListenerAsync()}.");

        await load.PlaceAsync(killAt.., cancellationToken);
        await charging;
        progress.Say($"Placed the last {workload.Orders.Count - killAt} orders, and made the second charges.");
    }

    /// <summary>Waits until no order waits, as long as any of them still comes to an end.</summary>
    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        var (ended, since) = (0L, progress.Elapsed);

        while (ended < workload.Orders.Count)
        {
            var (_, confirmed, rejected) = (await fleet.Reader(0).GetOrdersAsync(1, "", cancellationToken)).Counts;
            (ended, since) = (confirmed + rejected, confirmed + rejected > ended ? progress.Elapsed : since);

            if (progress.Elapsed - since > SettleAtMost)
            {
                throw new TimeoutException($"Only {ended} of {workload.Orders.Count} orders have come to an end, and nothing has happened for {SettleAtMost}.");
            }

            await Task.Delay(100, cancellationToken);
        }

        progress.Say("Every order has come to an end.");
    }

    /// <summary>Corrects the handler, and rewinds it by two hours while everything runs.</summary>
    private async Task CorrectAsync(LogFold log, CancellationToken cancellationToken)
    {
        var reader = fleet.Reader(0);
        var wrong = Audit.OfBalances("reader", await reader.GetBalancesAsync(log.AccountsEnd.ToString(), cancellationToken), log).Count();

        if (wrong == 0)
        {
            _faults.Add("The table of balances is right although its handler had a bug: the rewind has nothing to show.");
        }

        await reader.SetBugAsync(hasBug: false, cancellationToken);
        var rewind = await reader.RewindAsync(hours: 2, cancellationToken);
        progress.Say($"{wrong} balances were wrong. Corrected the handler, and rewound it by two hours: {rewind.Repeated} events come again.");

        for (var started = progress.Elapsed; (await reader.GetOperationsAsync(cancellationToken)).Rewind is not { IsDone: true, Progress: 1 };)
        {
            if (progress.Elapsed - started > SettleAtMost)
            {
                throw new TimeoutException($"The rewind {rewind.Operation} has not come to its end in {SettleAtMost}.");
            }

            await Task.Delay(100, cancellationToken);
        }

        progress.Say("The rewind is through.");
    }

    private async Task VerifyReadersAsync(LogFold log, CancellationToken cancellationToken)
    {
        foreach (var (reader, turn) in fleet.Readers.Select((reader, turn) => (reader, turn)))
        {
            var client = fleet.Reader(turn);
            _faults.AddRange(Audit.OfBalances(reader.Name, await client.GetBalancesAsync(log.AccountsEnd.ToString(), cancellationToken), log));
            var listed = (await client.GetOrdersAsync(workload.Orders.Count, log.OrdersEnd.ToString(), cancellationToken)).Orders;
            _faults.AddRange(Audit.OfOrders(reader.Name, listed, log));
            var single = new List<OrderView>();

            foreach (var order in listed.Where((_, number) => number % fleet.Readers.Count == turn))
            {
                single.Add(await client.GetOrderAsync($"/orders/{order.OrderId}?after={Uri.EscapeDataString(log.OrdersEnd.ToString())}", cancellationToken));
            }

            _faults.AddRange(Audit.OfOrders(reader.Name, single, log));
        }

        progress.Say($"Compared the balances and orders of {fleet.Readers.Count} readers with the fold.");
    }
}
