using System.Net.NetworkInformation;
using Shop.Demo.Processes;

namespace Shop.Demo.Tour;

/// <summary>Shows the shop to a newcomer: starts its processes, lets customers buy something, says what happens, and stays until it is stopped.</summary>
internal static class TourScenario
{
    public static async Task<int> RunAsync(Servers servers, int port, TextWriter output, CancellationToken cancellationToken)
    {
        if (IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(listener => listener.Port == port))
        {
            output.WriteLine($"Port {port} is in use. Choose another one with --port.");
            return 2;
        }

        await using var processes = new ShopProcesses(servers, new ShopOptions().Prefix);

        try
        {
            await ShowAsync(servers, processes, new Uri($"http://127.0.0.1:{port}"), output, cancellationToken);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            output.WriteLine("Stopping.");
        }

        return 0;
    }

    private static async Task ShowAsync(Servers servers, ShopProcesses processes, Uri page, TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine($"Starting the shop on {servers}, as three processes: one writes, one listens, one reads.");
        var origin = page.GetLeftPart(UriPartial.Authority);
        var writer = await processes.StartAsync(ShopRoles.Write, [$"--Shop:PageAddress={origin}"], cancellationToken);
        await processes.StartAsync(ShopRoles.Listen, [], cancellationToken);
        var commands = writer.Address.GetLeftPart(UriPartial.Authority);
        await processes.StartAsync(ShopRoles.Read, [$"--Shop:WriteAddress={commands}", $"--urls={origin}"], cancellationToken);

        using var http = new HttpClient();
        await new Story(new ShopClient(http, writer.Address), new ShopClient(http, page), output).TellAsync(cancellationToken);
        output.WriteLine($"""

            The page:  {origin}
            Commands:  {commands}  (for curl; see samples/Shop/README.md)
            Queries:   {origin}
            Ctrl+C stops the shop.
            """);
    }
}
