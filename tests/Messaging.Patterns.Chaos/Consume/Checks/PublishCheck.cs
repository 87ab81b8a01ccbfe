using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Consume.Checks;

/// <summary>What was acknowledged is in the topic where it was said to be, and the first occurrences of each key, of one start of its publisher, are in their order.</summary>
internal static class PublishCheck
{
    public static IEnumerable<Violation> Check(ConsumeHistory history)
    {
        var places = history.Log.ToLookup(one => (one.Key, one.Number), one => FormattableString.Invariant($"{one.Partition}@{one.Offset + 1}"));

        foreach (var (process, told) in history.Published)
        {
            if (!places[(told.Key, told.Number)].Any(place => told.Position.EndsWith($":{place}", StringComparison.Ordinal)))
            {
                yield return new(ViolationKind.Lost, $"{told.Key}#{told.Number} was acknowledged as {told.Position}, but is not there (to {process})", At: told.At);
            }
        }

        foreach (var key in history.Log.GroupBy(one => (one.Key, one.Number / Counted.NumbersPerStart)))
        {
            var firsts = key.DistinctBy(one => one.Number).ToList();

            foreach (var (before, after) in firsts.Zip(firsts.Skip(1)).Where(pair => pair.Second.Number < pair.First.Number))
            {
                yield return new(ViolationKind.Reordered, $"{after.Key}#{after.Number} at {after.Partition}@{after.Offset} is behind {before.Number}", new Place(ConsumeScenario.Listeners, after.Partition, after.Offset).ToString());
            }
        }
    }
}
