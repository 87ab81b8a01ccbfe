using System.Collections.Concurrent;
using Messaging.Patterns.Kafka.Tests.Consuming.Redirect.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Redirect;

/// <summary>Parked and redirected keys over owners that come, crash and go on as former ones, and over rewinds.</summary>
public sealed class RedirectSimulationTests
{
    private static readonly int Seeds = int.Parse(Environment.GetEnvironmentVariable("SIMULATION_SEEDS") ?? "20000", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void Every_key_is_handled_in_its_order_without_a_hole_and_nothing_is_lost()
    {
        var happenings = new ConcurrentDictionary<string, bool>();
        var violations = new ConcurrentBag<(long Seed, string Text)>();
        Parallel.For(0L, Seeds, seed =>
        {
            var history = RedirectSimulation.Run(seed);
            history.Violations.ForEach(text => violations.Add((seed, text)));
            history.Happenings.ToList().ForEach(happening => happenings[happening] = true);
        });

        if (violations.OrderBy(violation => violation.Seed).FirstOrDefault() is { Text: not null } first)
        {
            Assert.Fail($"Seed {first.Seed}: {first.Text}\n{string.Join('\n', RedirectSimulation.Run(first.Seed).Trace)}");
        }

        Assert.Superset(
            new HashSet<string>(
            [
                "Parked", "Followed", "Superseded", "Rebuilt", "Released", "SetAside", "NotHeardOf", "HandledAgain", "Rewound", "RewoundWhileCopiesWait", "LostWithRedirectedKeys",
                "LateClaim", "LateRedirected", "LateReleased",
            ]),
            happenings.Keys.ToHashSet());
    }
}
