using System.Security.Cryptography;
using Shop.Demo.Processes;

namespace Shop.Demo.Check;

/// <summary>Runs the shop as separate processes, lets things go wrong, and verifies that nothing is lost, doubled or made up.</summary>
internal static class CheckScenario
{
    private const int Customers = 100;
    private const int Orders = 1_000;

    /// <summary>Runs the check and returns the exit code: 0 when all is well.</summary>
    public static async Task<int> RunAsync(Broker broker, TextWriter output, CancellationToken cancellationToken)
    {
        var progress = new Progress(output);
        var workload = Workload.Draw(RandomNumberGenerator.GetInt32(1_000_000), Customers, Orders);
        // Topics and groups of their own, so that runs on one Kafka do not meet.
        await using var processes = new ShopProcesses(broker, prefix: $"shop-{Guid.NewGuid().ToString("N")[..8]}.");
        using var fleet = new ShopFleet(processes);
        progress.Say($"Checking the shop on {broker}: topics '{processes.Prefix}*', seed {workload.Seed}.");
        List<string> faults;

        try
        {
            faults = await new CheckRun(broker, fleet, workload, progress).RunAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or InvalidOperationException or TimeoutException)
        {
            faults = [exception.Message];
        }

        foreach (var fault in faults.Take(20))
        {
            output.WriteLine($"FAULT  {fault}");
        }

        output.WriteLine(faults.Count == 0 ? "The check passed." : $"The check FAILED with {faults.Count} faults. The shop's processes said at last:\n{processes.Output}");
        return faults.Count == 0 ? 0 : 1;
    }
}
