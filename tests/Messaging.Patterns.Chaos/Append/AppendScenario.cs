using Messaging.Patterns.Chaos.Append.Processes;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Append;

/// <summary>Appends to shared streams, reads of every freshness and a consumer group, while brokers, networks and processes fail.</summary>
internal sealed class AppendScenario : IScenario
{
    public const int Partitions = 4;

    public string Name => "append";

    public string Summary => "event store: writers on shared streams, readers, a consumer group; brokers, networks and processes fail; every answer is judged by the log";

    public IReadOnlyList<string> Mutants { get; } =
        [AppendActions.TimeoutIsFailure, AppendActions.FalseSuccess, AppendActions.BlindRetry, ReadActions.StaleReader, MemberProcess.SkippingMember];

    public async Task<Verdict> RunAsync(ChaosRun run)
    {
        using var append = new AppendRun(run);
        return await append.RunAsync();
    }

    public Task RunChildAsync(ChildSettings settings, CancellationToken stopping) =>
        settings.Role == StoreRole.Member ? MemberProcess.RunAsync(settings, stopping) : StoreProcess.RunAsync(settings, stopping);
}
