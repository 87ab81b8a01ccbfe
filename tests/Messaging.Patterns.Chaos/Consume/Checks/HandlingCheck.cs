using System.Diagnostics;
using Messaging.Patterns.Chaos.Consume.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Consume.Checks;

/// <summary>
/// The listeners handle every record in the last epoch that covers it, those of a key in their order in each epoch; they mark nothing as replay that was not
/// handled before, and nobody is given a record for long after its epoch is committed beyond it.
/// </summary>
internal static class HandlingCheck
{
    // A member that is cut off goes on with what it has until its session ends, and a commit is seen once a second.
    private static readonly long CutOffFor = (long)(TimeSpan.FromSeconds(20).TotalSeconds * Stopwatch.Frequency);

    public static IEnumerable<Violation> Check(ConsumeHistory history, HandlingIndex index) =>
    [
        .. CheckLoss(history, index),
        .. history.Log.GroupBy(one => (one.Partition, one.Key)).SelectMany(key => CheckOrder([.. key], history, index)),
        .. history.Handlings.SelectMany(one => CheckOne(one, index)),
        .. CheckRepeats(history, index),
    ];

    public static IEnumerable<Violation> CheckLoss(ConsumeHistory history, HandlingIndex index) => history.Log.SelectMany(one => CheckLoss(one, index));

    private static IEnumerable<Violation> CheckLoss(LoggedEvent one, HandlingIndex index)
    {
        var epoch = index.Epochs.LastThatCovers(ConsumeScenario.Listeners, one.Partition, one.Offset);

        if (index.PassedAt(one, epoch.Number) == long.MaxValue)
        {
            yield return Violate(ViolationKind.Lost, one, $"was not handled in epoch {epoch.Number}, which began at {epoch.Target}", 0);
        }
    }

    private static IEnumerable<Violation> CheckOrder(List<LoggedEvent> key, ConsumeHistory history, HandlingIndex index)
    {
        var handlings = history.Handlings.Where(one => one.Event.Partition == key[0].Partition && one.Event.Key == key[0].Key).ToLookup(one => one.Event.Offset);

        for (var at = 1; at < key.Count; at++)
        {
            foreach (var handling in handlings[key[at].Offset])
            {
                var (former, epoch) = (key[at - 1], handling.Event.Epoch);
                var begins = index.Epochs.Find(ConsumeScenario.Listeners, former.Partition, epoch)?.Target ?? long.MaxValue;

                if ((former.Offset >= begins ? index.PassedAt(former, epoch) : index.EverPassedAt(former)) > handling.Event.At)
                {
                    yield return Violate(ViolationKind.Reordered, key[at], $"was handled in epoch {epoch} before {former.Offset}, of its key, was done (by {handling.Process})", handling.Event.At);
                }
            }
        }
    }

    private static IEnumerable<Violation> CheckOne(Handling handling, HandlingIndex index)
    {
        var told = handling.Event;

        if (index.Find(told.Partition, told.Offset) is not { } one || one.Key != told.Key || one.Number != told.Number)
        {
            yield return new(ViolationKind.Untrue, $"{told.Partition}@{told.Offset} was handled as {told.Key}#{told.Number}, which is not in the log (by {handling.Process})", At: told.At);
            yield break;
        }

        var isRedirected = index.IsRedirected(told.Partition, told.Offset);

        if (index.Epochs.Find(ConsumeScenario.Listeners, told.Partition, told.Epoch) is not { } epoch || (told.Offset < epoch.Target && !isRedirected))
        {
            yield return Violate(ViolationKind.Untrue, one, $"was handled in epoch {told.Epoch}, to which it does not belong (by {handling.Process})", told.At);
        }

        var isKnown = index.Ever(one.Partition, one.Offset) < told.At || one.IsPoison || isRedirected || index.Epochs.IsSkipped(ConsumeScenario.Listeners, one.Partition, one.Offset, -1);

        if (told.IsReplay && !isKnown)
        {
            yield return Violate(ViolationKind.Untrue, one, $"was marked as replay in epoch {told.Epoch}, but nobody had handled it (by {handling.Process})", told.At);
        }
    }

    // What waits in the retry topic is committed before it is handled.
    private static IEnumerable<Violation> CheckRepeats(ConsumeHistory history, HandlingIndex index)
    {
        foreach (var handling in history.Handlings.Where(one => !index.IsRedirected(one.Event.Partition, one.Event.Offset)))
        {
            var told = handling.Event;
            var first = index.FirstOfEpoch[(told.Partition, told.Epoch)];
            var known = history.Commits.FirstOrDefault(one => one.At > first && one.Next.GetValueOrDefault(told.Partition) > told.Offset);

            if (known is not null && told.At > known.At + CutOffFor && !history.Pauses.Any(pause => IsOf(pause.Process, handling) && pause.To > known.At && pause.From < told.At))
            {
                yield return Violate(ViolationKind.Duplicated, index.Find(told.Partition, told.Offset)!, $"was handled in epoch {told.Epoch} long after that was committed up to {known.Next[told.Partition]} (by {handling.Process})", told.At);
            }
        }
    }

    private static bool IsOf(string name, Handling handling) => handling.Process.StartsWith($"{name}.", StringComparison.Ordinal);

    private static Violation Violate(ViolationKind kind, LoggedEvent one, string text, long at) => new(
        kind, $"{one.Key}#{one.Number} at {one.Partition}@{one.Offset} {text}", new Place(ConsumeScenario.Listeners, one.Partition, one.Offset).ToString(), at);
}
