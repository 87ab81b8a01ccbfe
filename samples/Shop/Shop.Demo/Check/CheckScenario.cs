using System.Security.Cryptography;
using Shop.Demo.Processes;

namespace Shop.Demo.Check;

/// <summary>Runs the shop as separate processes, lets things go wrong, and verifies that nothing is lost, doubled or made up.</summary>
internal static class CheckScenario
{
    private const int Customers = 100;
    private const int Orders = 1_000;
    private const int FaultsShown = 20;

    /// <summary>Runs the check and returns the exit code: 0 when all is well.</summary>
    public static async Task<int> RunAsync(Servers servers, TextWriter output, CancellationToken cancellationToken)
    {
        var progress = new Progress(output);
        var workload = Workload.Draw(RandomNumberGenerator.GetInt32(1_000_000), Customers, Orders);
        // Topics and groups of their own, so that runs on one Kafka do not meet.
        await using var processes = new ShopProcesses(servers, prefix: $"shop-{Guid.NewGuid().ToString("N")[..8]}.");
        using var fleet = new ShopFleet(processes);
        progress.Say($"Checking the shop on {servers}: topics '{processes.Prefix}*', seed {workload.Seed}.");
        List<string> faults;

        try
        {
            faults = await new CheckRun(servers.Broker, fleet, workload, progress).RunAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or InvalidOperationException or TimeoutException)
        {
            faults = [exception.Message];
        }

        return Conclude(faults, processes, output);
    }

    private static int Conclude(List<string> faults, ShopProcesses processes, TextWriter output)
    {
        if (faults.Count == 0)
        {
            output.WriteLine("The check passed.");
            return 0;
        }

        output.WriteLine($"The shop's processes said at last:\n{processes.Output}\n");

        foreach (var fault in faults.Take(FaultsShown))
        {
            output.WriteLine($"FAULT  {fault}");
        }

        output.WriteLine($"The check FAILED with {faults.Count} faults{(faults.Count > FaultsShown ? $"; the first {FaultsShown} are shown" : "")}.");
        return 1;
    }
}
