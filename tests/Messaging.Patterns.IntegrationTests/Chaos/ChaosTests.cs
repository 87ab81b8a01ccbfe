using System.Globalization;
using System.Text.RegularExpressions;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Chaos;

/// <summary>The fault runs, as somebody starts them, each for a short time and with servers of its own.</summary>
[Collection(WholeSystems.Name)]
public sealed partial class ChaosTests
{
    [Theory]
    [InlineData("append", 1)]
    [InlineData("consume", 3)]
    [InlineData("outbox", 1)]
    [InlineData("outage", 1)]
    [InlineData("inbox", 1)]
    public async Task Every_promise_is_kept_while_brokers_networks_and_processes_fail(string scenario, int seed)
    {
        KafkaFixture.RequireDownload();
        PostgreSqlFixture.RequirePrograms();

        var result = await RunAsync(scenario, "--seconds", "12", "--seed", seed.ToString(CultureInfo.InvariantCulture));

        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        var last = LastLine().Match(result.Output.TrimEnd().Split('\n')[^1]);
        Assert.True(last.Success, result.Output);
        Assert.Equal(scenario, last.Groups["scenario"].Value);
        Assert.NotEqual("0", last.Groups["acked"].Value);
        Assert.NotEqual("0", last.Groups["faults"].Value);
    }

    [Fact]
    public async Task A_writer_that_tells_an_unknown_outcome_as_a_failure_is_found_out()
    {
        KafkaFixture.RequireDownload();

        var result = await RunAsync("append", "--seconds", "3", "--seed", "1", "--mutant", "timeout-is-failure");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("was told that nothing was written, but is accepted", result.Output, StringComparison.Ordinal);
        Assert.Contains("Seed 1.", result.Output, StringComparison.Ordinal);
        Directory.Delete(KeptFolder().Match(result.Output).Groups["folder"].Value, recursive: true);
    }

    [Fact]
    public async Task A_scenario_that_is_not_there_is_named()
    {
        var result = await RunAsync("apend");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("apend", result.Errors, StringComparison.Ordinal);
    }

    private static Task<ProcessResult> RunAsync(params string[] arguments) => ProcessRunner.RunAsync(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "Messaging.Patterns.Chaos.dll"), .. arguments], cancellationToken: TestContext.Current.CancellationToken);

    [GeneratedRegex(@"^chaos (?<scenario>[a-z]+) acked=(?<acked>\d+) lost=0 duplicated=0 reordered=0 faults=(?<faults>\d+)$")]
    private static partial Regex LastLine();

    [GeneratedRegex("are kept in (?<folder>.+)")]
    private static partial Regex KeptFolder();
}
