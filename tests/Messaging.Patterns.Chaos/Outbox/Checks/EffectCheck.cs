using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox.History;

namespace Messaging.Patterns.Chaos.Outbox.Checks;

/// <summary>Every event takes effect once, however often it is in the topic, in the order of the ledger; and what its handler told of it is one event, sent in that order.</summary>
internal static class EffectCheck
{
    public static IEnumerable<Violation> Check(OutboxHistory history)
    {
        if (history.Effects is not { } effects)
        {
            return [];
        }

        var numbers = history.Ledger.ToDictionary(one => one.Id, one => one.Number, StringComparer.Ordinal);
        return
        [
            .. CheckOnce(history.Ledger, effects.Select(one => one.Id), "took effect"),
            .. effects.Where(one => !numbers.ContainsKey(one.Id)).Select(one => new Violation(ViolationKind.Untrue, $"{one.Id} took effect, but no such transaction committed", one.Id)),
            .. CheckOrder(effects.Select(one => (one.Key, one.Id)), numbers, "took effect"),
            .. CheckOnce(history.Ledger, history.Told.DistinctBy(one => one.Id).Select(one => one.Of), "was told"),
            .. CheckOrder(history.Told.DistinctBy(one => one.Id).Select(one => (one.Key, one.Of)), numbers, "was told"),
        ];
    }

    private static IEnumerable<Violation> CheckOnce(IReadOnlyList<Entered> ledger, IEnumerable<string> ids, string what)
    {
        var counts = ids.CountBy(id => id).ToDictionary(StringComparer.Ordinal);

        foreach (var one in ledger)
        {
            if (counts.GetValueOrDefault(one.Id) is not 1 and var count)
            {
                yield return new(count == 0 ? ViolationKind.Lost : ViolationKind.Duplicated, $"{one.Id}, number {one.Number} of {one.Key}, {what} {count} times", one.Id);
            }
        }
    }

    private static IEnumerable<Violation> CheckOrder(IEnumerable<(string Key, string Id)> all, Dictionary<string, long> numbers, string what)
    {
        var last = new Dictionary<string, long>(StringComparer.Ordinal);

        foreach (var (key, id) in all.Where(one => numbers.ContainsKey(one.Id)).DistinctBy(one => one.Id))
        {
            if (last.TryGetValue(key, out var former) && former > numbers[id])
            {
                yield return new(ViolationKind.Reordered, $"{id}, number {numbers[id]} of {key}, {what} behind number {former}", id);
            }

            last[key] = numbers[id];
        }
    }
}
