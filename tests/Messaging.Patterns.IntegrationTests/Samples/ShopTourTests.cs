using System.Diagnostics;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Samples;

/// <summary>The shop as a newcomer meets it: three processes, a story, a page, and nothing left behind.</summary>
[Collection(WholeSystems.Name)]
public sealed class ShopTourTests : IDisposable
{
    private const string LastLine = "Ctrl+C stops the shop.";

    private readonly DirectoryInfo _temp = Directory.CreateTempSubdirectory("tour-");
    private readonly int _port = FreePorts.Find(1)[0];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_tour_tells_its_story_serves_the_page_and_leaves_nothing_when_it_is_stopped()
    {
        using var tour = Start();

        var story = await ReadStoryAsync(tour);
        using var http = new HttpClient();
        var page = await http.GetStringAsync($"http://127.0.0.1:{_port}/", Cancellation);
        await ProcessRunner.RunAsync("/bin/kill", ["-TERM", $"{tour.Id}"], cancellationToken: Cancellation);
        await tour.WaitForExitAsync(Cancellation);

        Assert.Contains("Confirmed", story, StringComparison.Ordinal);
        Assert.Contains("Rejected: There is not enough money on the account.", story, StringComparison.Ordinal);
        Assert.Contains("<title>Shop</title>", page, StringComparison.Ordinal);
        Assert.Equal(0, tour.ExitCode);
        Assert.Empty(await FindProcessesAsync());
        Assert.Empty(_temp.GetDirectories("shop-*"));
    }

    [Fact]
    public async Task The_processes_of_the_shop_end_with_the_program_that_started_them_however_it_ends()
    {
        using var tour = Start();
        await ReadStoryAsync(tour);
        Assert.NotEmpty(await FindProcessesAsync());

        tour.Kill();

        while ((await FindProcessesAsync()).Any())
        {
            await Task.Delay(100, Cancellation);
        }
    }

    [Fact]
    public async Task A_Kafka_that_does_not_answer_is_named()
    {
        var result = await ProcessRunner.RunAsync(
            "dotnet", [Program, "--kafka", $"127.0.0.1:{_port}", "--check"], cancellationToken: Cancellation);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"No Kafka answers at 127.0.0.1:{_port}", result.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => _temp.Delete(recursive: true);

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Shop.Demo.dll");

    private Process Start() => ProcessRunner.Start("dotnet", [Program, "--port", $"{_port}"], new Dictionary<string, string> { ["TMPDIR"] = _temp.FullName });

    private static async Task<string> ReadStoryAsync(Process tour)
    {
        var story = new List<string>();

        while (await tour.StandardOutput.ReadLineAsync(Cancellation) is { } line)
        {
            story.Add(line);

            if (line == LastLine)
            {
                return string.Join('\n', story);
            }
        }

        throw new InvalidOperationException($"The tour ended early:\n{string.Join('\n', story)}\n{await tour.StandardError.ReadToEndAsync(Cancellation)}");
    }

    /// <summary>Finds the processes of the shop by the folder that they keep their files in.</summary>
    private async Task<IEnumerable<string>> FindProcessesAsync()
    {
        var all = await ProcessRunner.RunAsync("ps", ["-eo", "args"], cancellationToken: Cancellation);
        return all.Output.Split('\n').Where(line => line.Contains($"--Shop:Data={_temp.FullName}", StringComparison.Ordinal));
    }
}
