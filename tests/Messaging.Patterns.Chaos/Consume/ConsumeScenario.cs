using Messaging.Patterns.Chaos.Consume.Processes;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Consume;

/// <summary>Two consumer groups that are rewound, paused and told to skip, while brokers, networks and processes fail and members join and leave.</summary>
internal sealed class ConsumeScenario : IScenario
{
    public const int Partitions = 4;

    /// <summary>The group that handles in order per key, fails at times, and sets aside; its position is its commit.</summary>
    public const string Listeners = "chaos-listeners";

    /// <summary>The group that keeps its position beside its data.</summary>
    public const string Projection = "chaos-projection";

    /// <summary>Where the listeners' dead letters go.</summary>
    public const string DeadLetters = Listeners + ".dead-letters";

    /// <summary>Ends the name of the topic to which the listeners redirect.</summary>
    public const string RetryTopic = "." + Listeners + ".retry";

    /// <summary>The topic of the orders.</summary>
    public const string Control = "chaos-control";

    public string Name => "consume";

    public string Summary => "consumer groups, one of each protocol: poison events, rewinds, pauses, skips; members come and go; brokers, networks and processes fail";

    public IReadOnlyList<string> Mutants { get; } = [MemberProcess.SkippingMember, MemberProcess.HastyMember, PositionFiles.LaggingPosition];

    public async Task<Verdict> RunAsync(ChaosRun run)
    {
        using var consume = new ConsumeRun(run);
        return await consume.RunAsync();
    }

    public Task RunChildAsync(ChildSettings settings, CancellationToken stopping) => settings.Role switch
    {
        OperatorProcess.Role => OperatorProcess.RunAsync(settings, stopping),
        PublisherProcess.Role => PublisherProcess.RunAsync(settings, stopping),
        var role => MemberProcess.RunAsync(settings, ConsumeMode.Parse(role)!, stopping),
    };
}
