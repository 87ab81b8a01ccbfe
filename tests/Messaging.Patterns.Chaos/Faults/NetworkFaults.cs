using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Chaos.Faults;

/// <summary>Networks between clients and brokers that are slow, stall, lose connections or lose bytes.</summary>
internal static class NetworkFaults
{
    public static IReadOnlyList<Fault> Of(KafkaCluster cluster, int zones, int brokers)
    {
        Fault Make(string name, int weight, double maxSeconds, Func<Random, NetworkTrouble> trouble) =>
            new(name, weight, site => HoldAsync(site, cluster, zones, brokers, name, trouble(site.Random), maxSeconds));

        return
        [
            Make("slow network", 3, 8, Slow),
            Make("narrow network", 1, 6, random => new NetworkTrouble { BytesPerSecond = random.Next(5_000, 100_000) }),
            Make("stalled network", 2, 8, _ => new NetworkTrouble { Stalls = true }),
            Make("network loses requests", 1, 6, _ => new NetworkTrouble { Swallows = NetworkDirections.ToServer }),
            Make("network loses answers", 2, 6, _ => new NetworkTrouble { Swallows = NetworkDirections.ToClient }),
            Make("network refuses", 1, 4, _ => new NetworkTrouble { Refuses = true }),
            new("network resets", 3, site => ResetAsync(site, cluster, zones, brokers)),
        ];
    }

    private static NetworkTrouble Slow(Random random) =>
        new() { Latency = TimeSpan.FromMilliseconds(random.Next(2, 150)), Jitter = TimeSpan.FromMilliseconds(random.Next(100)) };

    private static async Task HoldAsync(FaultSite site, KafkaCluster cluster, int zones, int brokers, string name, NetworkTrouble trouble, double maxSeconds)
    {
        var chosen = Choose(site, cluster, zones, brokers, name);
        chosen.ForEach(proxy => proxy.Trouble = trouble);

        if (trouble.Refuses)
        {
            chosen.ForEach(proxy => proxy.Reset());
        }

        await site.HoldAsync(0.2, maxSeconds);
        chosen.ForEach(proxy => proxy.Trouble = NetworkTrouble.None);
    }

    private static async Task ResetAsync(FaultSite site, KafkaCluster cluster, int zones, int brokers)
    {
        var chosen = Choose(site, cluster, zones, brokers, "network resets");

        for (var left = site.Random.Next(1, 4); left > 0; left--)
        {
            chosen.ForEach(proxy => proxy.Reset());
            await site.HoldAsync(0.02, 0.5);
        }
    }

    /// <summary>Chooses a whole zone, one broker as a zone sees it, or one broker as all see it.</summary>
    private static List<TcpProxy> Choose(FaultSite site, KafkaCluster cluster, int zones, int brokers, string name)
    {
        var (zone, broker) = (site.Random.Next(zones), site.Random.Next(1, brokers + 1));

        switch (site.Random.Next(3))
        {
            case 0:
                site.Say($"{name}: zone {zone}");
                return [.. Enumerable.Range(1, brokers).Select(id => cluster.ProxyOf(zone, id))];
            case 1:
                site.Say($"{name}: zone {zone} to broker {broker}");
                return [cluster.ProxyOf(zone, broker)];
            default:
                site.Say($"{name}: all zones to broker {broker}");
                return [.. Enumerable.Range(0, zones).Select(one => cluster.ProxyOf(one, broker))];
        }
    }
}
