using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Append.Checks;

/// <summary>The consumer group handles every accepted event, in order per stream, and nothing else; what it commits is done.</summary>
internal static class GroupCheck
{
    public static IEnumerable<Violation> Check(AppendHistory history, LogIndex index)
    {
        var handlings = history.Handlings.ToLookup(one => (one.Event.Partition, one.Event.Offset, one.Event.Index));
        var accepted = index.Accepted.SelectMany(frame => frame.Events.Select((one, at) => (Key: (frame.Partition, frame.Offset, Index: at), Frame: frame, Event: one))).ToList();
        var done = accepted.ToDictionary(one => one.Key, one => handlings[one.Key].Select(handling => handling.Ended).DefaultIfEmpty(long.MaxValue).Min());
        var streams = accepted.ToDictionary(one => (one.Frame.Stream, one.Event.Version), one => one.Key);

        var doneUpTo = accepted.GroupBy(one => one.Key.Partition).ToDictionary(part => part.Key, part => DoneUpTo(part.Select(one => one.Key), done));

        return
        [
            .. accepted.Where(one => done[one.Key] == long.MaxValue).Select(one => new Violation(
                ViolationKind.Lost, $"{one.Event.Text}, version {one.Event.Version} of {one.Frame.Stream}, was never handled", one.Frame.Stream)),
            .. history.Handlings.SelectMany(one => CheckHandling(one, index, streams, done)),
            .. history.Commits.SelectMany(commit => CheckCommit(commit, doneUpTo)),
        ];
    }

    private static IEnumerable<Violation> CheckHandling(
        Handling handling, LogIndex index, Dictionary<(string, long), (int, long, int)> streams, Dictionary<(int, long, int), long> done)
    {
        var one = handling.Event;

        if (!streams.TryGetValue((one.Stream, one.Version), out var key) || key != (one.Partition, one.Offset, one.Index) || index.EventsOf(one.Stream)[(int)one.Version - 1].Event.Text != one.Text)
        {
            yield return Violate(ViolationKind.Untrue, handling, "was handled, but is not in the stream");
            yield break;
        }

        if (one.Version > 1 && done[streams[(one.Stream, one.Version - 1)]] > one.At)
        {
            yield return Violate(ViolationKind.Reordered, handling, "was handled before the version before it was done");
        }
    }

    /// <summary>Returns for the offsets of a partition when everything up to them was done.</summary>
    private static List<(long Offset, long Done)> DoneUpTo(IEnumerable<(int Partition, long Offset, int Index)> keys, Dictionary<(int, long, int), long> done)
    {
        var (upTo, latest) = (new List<(long, long)>(), 0L);

        foreach (var key in keys.OrderBy(key => key.Offset).ThenBy(key => key.Index))
        {
            latest = Math.Max(latest, done[key]);
            upTo.Add((key.Offset, latest));
        }

        return upTo;
    }

    private static IEnumerable<Violation> CheckCommit(Committed commit, Dictionary<int, List<(long Offset, long Done)>> doneUpTo)
    {
        foreach (var (partition, next) in commit.Next)
        {
            var before = doneUpTo.TryGetValue(partition, out var upTo) ? upTo.FindLastIndex(one => one.Offset < next) : -1;

            if (before >= 0 && upTo![before].Done > commit.At)
            {
                yield return new(ViolationKind.Lost, $"offset {next} of partition {partition} was committed before everything below it was handled", At: commit.At);
            }
        }
    }

    private static Violation Violate(ViolationKind kind, Handling handling, string text) => new(
        kind,
        FormattableString.Invariant($"{handling.Event.Text}, version {handling.Event.Version} of {handling.Event.Stream} at {handling.Event.Partition}@{handling.Event.Offset}, {text} (by {handling.Process})"),
        handling.Event.Stream,
        handling.Event.At);
}
