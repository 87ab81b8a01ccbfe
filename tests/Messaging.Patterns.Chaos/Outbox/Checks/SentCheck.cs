using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox.History;

namespace Messaging.Patterns.Chaos.Outbox.Checks;

/// <summary>Everything in the ledger is in the topic and nothing else is, and the first occurrences of each key are in the order of the ledger.</summary>
internal static class SentCheck
{
    public static IEnumerable<Violation> Check(OutboxHistory history)
    {
        var entered = history.Ledger.ToDictionary(one => one.Id, StringComparer.Ordinal);
        var sent = history.Log.Select(one => one.Id).ToHashSet(StringComparer.Ordinal);

        foreach (var lost in history.Ledger.Where(one => !sent.Contains(one.Id)))
        {
            yield return new(ViolationKind.Lost, $"{lost.Id}, number {lost.Number} of {lost.Key}, was never sent", lost.Id);
        }

        var last = new Dictionary<string, Entered>(StringComparer.Ordinal);

        foreach (var one in history.Log.DistinctBy(one => one.Id))
        {
            if (!entered.TryGetValue(one.Id, out var entry) || entry.Key != one.Key)
            {
                yield return new(ViolationKind.Untrue, $"{one.Id} was sent at {one.Partition}@{one.Offset} with key {one.Key}, but no such transaction committed", one.Id);
                continue;
            }

            if (last.TryGetValue(one.Key, out var former) && former.Number > entry.Number)
            {
                yield return new(ViolationKind.Reordered, $"{one.Id}, number {entry.Number} of {one.Key}, was sent at {one.Partition}@{one.Offset}, behind number {former.Number}", one.Id);
            }

            last[one.Key] = entry;
        }
    }
}
