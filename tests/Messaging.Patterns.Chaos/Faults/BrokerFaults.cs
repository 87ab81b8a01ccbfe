using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Chaos.Faults;

/// <summary>Brokers that die or stand still, one or two at a time: with two of three gone, nothing can be written for a while.</summary>
internal static class BrokerFaults
{
    /// <summary>The kind of fault after which a broker may not know yet that it leads no more.</summary>
    public const string Pause = "pause broker";

    public static IReadOnlyList<Fault> Of(KafkaCluster cluster, int brokers)
    {
        int[] ids = [.. Enumerable.Range(1, brokers)];
        return [new("kill broker", 3, site => KillAsync(site, cluster, ids)), new(Pause, 2, site => PauseAsync(site, cluster, ids))];
    }

    /// <summary>All brokers die, and come back when no more faults are wanted.</summary>
    public static Fault Outage(KafkaCluster cluster, int brokers) => new("outage", 1, site => EndAsync(site, cluster, [.. Enumerable.Range(1, brokers)]));

    private static async Task EndAsync(FaultSite site, KafkaCluster cluster, int[] ids)
    {
        site.Say("all brokers killed");
        await Task.WhenAll(ids.Select(cluster.KillNodeAsync));
        await site.UntilEndAsync();
        await Task.WhenAll(ids.Select(cluster.StartNodeAsync));
    }

    private static async Task KillAsync(FaultSite site, KafkaCluster cluster, int[] ids)
    {
        var chosen = site.PickSome(ids, 2);
        site.Say($"broker {string.Join(" and ", chosen)} killed");
        await Task.WhenAll(chosen.Select(cluster.KillNodeAsync));
        await site.HoldAsync(0.1, 8);
        await Task.WhenAll(chosen.Select(cluster.StartNodeAsync));
    }

    private static async Task PauseAsync(FaultSite site, KafkaCluster cluster, int[] ids)
    {
        var chosen = site.PickSome(ids, 2);
        site.Say($"broker {string.Join(" and ", chosen)} paused");
        await Task.WhenAll(chosen.Select(cluster.PauseNodeAsync));
        await site.HoldAsync(0.2, 12);
        await Task.WhenAll(chosen.Select(cluster.ResumeNodeAsync));
    }
}
