using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Chaos.Append.Checks;

/// <summary>The log by itself: what is in it was asked for, once, and both rules of the format agree about every frame.</summary>
internal static class LogCheck
{
    public static IEnumerable<Violation> Check(AppendHistory history, LogIndex index)
    {
        var works = history.Appends.GroupBy(call => call.Work.Label).ToDictionary(calls => calls.Key, calls => calls.First().Work, StringComparer.Ordinal);
        return
        [
            .. index.Accepted.SelectMany(frame => CheckContent(frame, works)),
            .. CheckOnce(index.ByLabel, "append"),
            .. CheckOnce(index.ById, "append id"),
            .. CheckRules(history.Log),
            .. CheckCopies(history),
        ];
    }

    private static IEnumerable<Violation> CheckContent(LoggedFrame frame, Dictionary<string, AppendWork> works)
    {
        var label = Noted.LabelOf(frame.Events[0].Text);

        if (!works.TryGetValue(label, out var work))
        {
            yield return new(ViolationKind.Untrue, $"{Name(frame)} is accepted, but nobody appended it", frame.Stream);
            yield break;
        }

        var texts = Noted.Texts(label, work.Count, work.Decides ? frame.FirstVersion - 1 : null);
        var isAsAsked = work.Stream == frame.Stream
            && frame.Events.Select(one => one.Text).SequenceEqual(texts)
            && (work.Id is null || work.AppendId.ToString() == frame.Append);

        if (!isAsAsked)
        {
            yield return new(ViolationKind.Untrue, $"{Name(frame)} holds [{string.Join(", ", frame.Events.Select(one => one.Text))}], not what was appended: {work}", frame.Stream);
        }
    }

    private static IEnumerable<Violation> CheckOnce<TKey>(ILookup<TKey, LoggedFrame> frames, string what) =>
        frames.Where(same => same.Count() > 1).Select(same => new Violation(
            ViolationKind.Duplicated, $"{what} {same.Key} is accepted {same.Count()} times: {string.Join(", ", same.Select(Name))}", same.First().Stream));

    /// <summary>An honest writer's frame is never ahead of its stream, and the base rule says what rule F says.</summary>
    private static IEnumerable<Violation> CheckRules(IReadOnlyList<LoggedFrame> log)
    {
        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        var places = new Dictionary<(string, long), List<long>>();

        foreach (var frame in log.Where(frame => frame.Events.Count > 0))
        {
            var version = versions.GetValueOrDefault(frame.Stream);
            var earlier = places.TryGetValue((frame.Stream, frame.FirstVersion), out var found) ? found : places[(frame.Stream, frame.FirstVersion)] = [];

            if (frame.FirstVersion > version + 1)
            {
                yield return new(ViolationKind.Untrue, $"{Name(frame)} is ahead of its stream, which is at {version}", frame.Stream);
            }

            if (frame.Base > frame.Offset)
            {
                yield return new(ViolationKind.Untrue, $"{Name(frame)} has base {frame.Base}, beyond itself", frame.Stream);
            }

            if (frame.IsAccepted != earlier.TrueForAll(offset => offset < frame.Base))
            {
                yield return new(ViolationKind.Untrue, $"{Name(frame)} is {(frame.IsAccepted ? "accepted" : "ignored")} by rule F, but not by the base rule: base {frame.Base}", frame.Stream);
            }

            earlier.Add(frame.Offset);
            versions[frame.Stream] = frame.IsAccepted ? frame.LastVersion : version;
        }
    }

    private static IEnumerable<Violation> CheckCopies(AppendHistory history)
    {
        var before = history.Log.Where(frame => frame.IsAccepted).Select(Name).ToHashSet(StringComparer.Ordinal);
        var after = history.LogWithCopies.Where(frame => frame.IsAccepted).ToDictionary(Name);
        return after.Where(frame => !before.Contains(frame.Key))
            .Select(frame => new Violation(ViolationKind.Duplicated, $"{frame.Key} is a late copy, and accepted", frame.Value.Stream));
    }

    internal static string Name(LoggedFrame frame) =>
        FormattableString.Invariant($"{frame.Stream} {frame.FirstVersion}-{frame.LastVersion} at {frame.Partition}@{frame.Offset}");
}
