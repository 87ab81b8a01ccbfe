using System.Collections.Concurrent;
using Messaging.Patterns.Kafka.Tests.Consuming.Redirect.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Redirect;

/// <summary>Redirected keys over owners that come, crash and go on as former ones, and over rewinds. Each broken rule is noticed.</summary>
public sealed class RedirectSimulationTests
{
    private const int Seeds = 5_000;

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
            new HashSet<string>(["Followed", "Superseded", "Rebuilt", "Released", "HandledAgain", "Rewound", "LostWithRedirectedKeys", "LateClaim", "LateRedirected", "LateReleased"]),
            happenings.Keys.ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Mutations))]
    public void A_broken_rule_is_caught(string mutation)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            if (RedirectSimulation.Run(seed, Enum.Parse<RedirectMutation>(mutation)).Violations.Count > 0)
            {
                return;
            }
        }

        Assert.Fail($"{Seeds} histories with {mutation} show no violation.");
    }

    public static IEnumerable<TheoryDataRow<string>> Mutations() =>
        Enum.GetNames<RedirectMutation>().Where(name => name != nameof(RedirectMutation.None)).Select(name => new TheoryDataRow<string>(name));
}
