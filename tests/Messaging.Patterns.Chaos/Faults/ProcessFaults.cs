using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Faults;

/// <summary>Processes that die, stand still, or are restarted in order.</summary>
internal static class ProcessFaults
{
    public static IReadOnlyList<Fault> Of(IReadOnlyList<ChildProcess> children) =>
    [
        new("kill process", 4, site => KillAsync(site, site.Pick(children))),
        new("pause process", 4, site => PauseAsync(site, site.Pick(children))),
        new("restart process", 1, site => RestartAsync(site, site.Pick(children))),
    ];

    /// <summary>A process that leaves in order, and comes back after a while.</summary>
    public static Fault Leaving(IReadOnlyList<ChildProcess> children) => new("leave", 2, site => LeaveAsync(site, site.Pick(children)));

    /// <summary>A process that stands still for longer than its session, so that others have its partitions when it goes on.</summary>
    public static Fault StandingStill(IReadOnlyList<ChildProcess> children) => new("pause process", 6, site => PauseAsync(site, site.Pick(children), 4.5));

    private static async Task KillAsync(FaultSite site, ChildProcess child)
    {
        site.Say($"{child.Name} killed");
        await child.KillAsync();
        await site.HoldAsync(0, 3);
        child.Start();
    }

    // Beyond the time limits of appends, of sessions and of requests at times.
    private static async Task PauseAsync(FaultSite site, ChildProcess child, double atLeast = 0.05)
    {
        site.Say($"{child.Name} paused");
        await child.PauseAsync();
        await site.HoldAsync(atLeast, 10);
        await child.ResumeAsync();
    }

    private static async Task LeaveAsync(FaultSite site, ChildProcess child)
    {
        site.Say($"{child.Name} left");
        await child.StopAsync();
        await site.HoldAsync(0, 6);
        child.Start();
    }

    private static async Task RestartAsync(FaultSite site, ChildProcess child)
    {
        site.Say($"{child.Name} restarted in order");
        await child.StopAsync();
        child.Start();
    }
}
