using Messaging.Patterns.Chaos.Consume.Checks;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.Chaos.Outbox.History;

namespace Messaging.Patterns.Chaos.Outbox.Checks;

/// <summary>
/// In each epoch what a group knows as one takes effect once, in the order of the topic and without a hole from the epoch's target on; no epoch begins before the one before it
/// has ended; and each effect is told by one event, in the order of the effects.
/// </summary>
internal static class EffectCheck
{
    public static IEnumerable<Violation> Check(OutboxHistory history)
    {
        if (history.Effects is not { } effects)
        {
            return [];
        }

        var epochs = new GroupEpochs(history.Control);
        var told = history.Told.DistinctBy(one => one.Id).ToLookup(one => (one.Group, one.Key), one => one.Of);
        var done = effects.ToLookup(one => (one.Group, one.Key));
        var log = history.Log.ToLookup(one => one.Key);
        return
        [
            .. CheckTruth(history.Log, effects),
            .. from @group in new[] { InboxScenario.Packing, InboxScenario.Counting }
               from key in log
               let handled = done[(@group, key.Key)].OrderBy(one => one.Sequence).ToList()
               from violation in CheckKey(@group, Known(@group, key), handled, epochs).Concat(CheckTold(handled, [.. told[(@group, key.Key)]]))
               select violation,
        ];
    }

    // One group knows events however often they are in the topic, the other records.
    private static List<Sent> Known(string group, IEnumerable<Sent> records) => [.. group == InboxScenario.Packing ? records.DistinctBy(one => one.Id) : records];

    private static IEnumerable<Violation> CheckTruth(IReadOnlyList<Sent> log, IReadOnlyList<TookEffect> effects)
    {
        var ids = log.ToDictionary(one => (one.Partition, one.Offset), one => (one.Key, one.Id));
        return effects.Where(one => ids.GetValueOrDefault((one.Partition, one.Offset)) != (one.Key, one.Id))
            .Select(one => new Violation(ViolationKind.Untrue, $"{one.Id} took effect in {one.Group} from {one.Partition}@{one.Offset}, where it is not", one.Id));
    }

    private static IEnumerable<Violation> CheckKey(string group, List<Sent> records, List<TookEffect> effects, GroupEpochs epochs)
    {
        foreach (var (former, later) in effects.Zip(effects.Skip(1)).Where(pair => pair.Second.Epoch < pair.First.Epoch))
        {
            yield return new(ViolationKind.Duplicated, $"{later.Id} of {later.Key} took effect in {group} in epoch {later.Epoch}, behind {former.Id} of epoch {former.Epoch}", later.Id);
        }

        foreach (var violation in effects.GroupBy(one => one.Epoch).SelectMany(epoch => CheckEpoch(records, [.. epoch], epochs)))
        {
            yield return violation;
        }

        var handled = effects.Select(one => (one.Offset, one.Epoch)).ToHashSet();

        foreach (var one in records)
        {
            if (epochs.LastThatCovers(group, one.Partition, one.Offset) is var last && !handled.Contains((one.Offset, last.Number)))
            {
                yield return new(ViolationKind.Lost, $"{one.Id} of {one.Key}, at {one.Partition}@{one.Offset}, took no effect in {group} in epoch {last.Number}, which goes back to {last.Target}", one.Id);
            }
        }
    }

    private static IEnumerable<Violation> CheckEpoch(List<Sent> records, List<TookEffect> effects, GroupEpochs epochs)
    {
        var first = effects[0];

        if (epochs.Find(first.Group, first.Partition, first.Epoch) is not { } epoch)
        {
            return [new(ViolationKind.Untrue, $"{first.Id} of {first.Key} took effect in {first.Group} in epoch {first.Epoch}, which nobody carried out", first.Id)];
        }

        var expected = records.Where(one => one.Offset >= epoch.Target).Select(one => one.Offset).Take(effects.Count).ToList();
        var at = Enumerable.Range(0, effects.Count).FirstOrDefault(index => index >= expected.Count || effects[index].Offset != expected[index], -1);

        if (at < 0)
        {
            return [];
        }

        var wrong = effects[at];
        var kind = effects.Take(at).Any(one => one.Offset == wrong.Offset) || wrong.Offset < epoch.Target || !records.Exists(one => one.Offset == wrong.Offset) ? ViolationKind.Duplicated : ViolationKind.Reordered;
        return
        [
            new(kind, $"{wrong.Id} of {wrong.Key} took effect in {wrong.Group} from {wrong.Partition}@{wrong.Offset} as number {at + 1} of epoch {epoch.Number}, where {(at < expected.Count ? $"{wrong.Partition}@{expected[at]}" : "nothing")} was next", wrong.Id),
        ];
    }

    private static IEnumerable<Violation> CheckTold(List<TookEffect> effects, List<string> told)
    {
        for (var at = 0; at < Math.Max(effects.Count, told.Count); at++)
        {
            var (effect, of) = (effects.ElementAtOrDefault(at), told.ElementAtOrDefault(at));

            if (effect?.Id != of)
            {
                var kind = of is null ? ViolationKind.Lost : effect is null ? ViolationKind.Duplicated : ViolationKind.Reordered;
                yield return new(kind, $"number {at + 1} that was told of {effects.FirstOrDefault()?.Key} is of {of ?? "nothing"}, where {effect?.Id ?? "nothing"} took effect", effect?.Id ?? of);
                yield break;
            }
        }
    }
}
