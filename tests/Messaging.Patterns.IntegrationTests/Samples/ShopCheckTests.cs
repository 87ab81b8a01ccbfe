using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.IntegrationTests.Samples;

/// <summary>The shop's check, as a user runs it: a program of its own, which starts the shop's processes.</summary>
[Collection(WholeSystems.Name)]
public sealed class ShopCheckTests(ThreeNodeKafka kafka)
{
    [Fact]
    public Task The_shop_loses_doubles_and_makes_up_nothing_on_the_embedded_broker() => CheckAsync();

    [Fact]
    public async Task The_shop_loses_doubles_and_makes_up_nothing_on_a_real_Kafka() => await CheckAsync("--kafka", await kafka.GetAsync());

    [Fact]
    public async Task A_command_line_that_is_not_understood_is_explained()
    {
        var result = await RunAsync("--kafka");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Usage:", result.Errors, StringComparison.Ordinal);
    }

    private static async Task CheckAsync(params string[] arguments)
    {
        var result = await RunAsync([.. arguments, "--check"]);

        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.Contains("The check passed.", result.Output, StringComparison.Ordinal);
    }

    private static Task<ProcessResult> RunAsync(params string[] arguments) => ProcessRunner.RunAsync(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "Shop.Demo.dll"), .. arguments], cancellationToken: TestContext.Current.CancellationToken);
}
