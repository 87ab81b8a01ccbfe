using System.Diagnostics.CodeAnalysis;
using Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

namespace Messaging.Patterns.Kafka.Tests.Consuming.Dispatch.Simulation;

internal static class SimRandomExtensions
{
    /// <summary>Picks one of some things, if there are any.</summary>
    public static bool TryPick<T>(this SimRandom random, IEnumerable<T> items, [NotNullWhen(true)] out T? picked)
        where T : class
    {
        var all = items.ToList();
        picked = all.Count > 0 ? random.Pick(all) : null;
        return picked is not null;
    }
}
