using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Chaos.Append.Checks;

/// <summary>Every unknown outcome is resolved, by whomever, to what the log says.</summary>
internal static class ResolutionCheck
{
    public static IEnumerable<Violation> Check(AppendHistory history, LogIndex index)
    {
        var calls = history.Appends.GroupBy(call => (call.Work.Stream, call.Pending?.Id ?? call.Work.Id)).ToDictionary(same => same.Key, same => same.Count());
        var settled = history.Resolves.Where(call => call.Answer != Answer.None).Select(call => call.Pending.Id).ToHashSet();

        return
        [
            .. history.Resolves.SelectMany(call => CheckCall(call, calls.GetValueOrDefault((call.Pending.Stream, (Guid?)call.Pending.Id)) > 1, index)),
            .. history.Appends.Where(call => call.Pending is { } pending && !settled.Contains(pending.Id)).Select(call => new Violation(
                ViolationKind.Untrue, $"{call.Work.Label} to {call.Work.Stream} had an unknown outcome that nobody could resolve", call.Work.Stream, call.Ended)),
        ];
    }

    private static IEnumerable<Violation> CheckCall(ResolveCall call, bool isRepeated, LogIndex index)
    {
        var frame = index.ById[(call.Pending.Stream, new AppendId(call.Pending.Id).ToString())].FirstOrDefault();
        var found = frame is null ? "not in the log" : $"version {frame.LastVersion} at {index.PositionOf(frame)}";

        // A repetition may have been accepted at another version; that one is no news of the pending copy.
        var isRight = call.Answer switch
        {
            Answer.Accepted => frame is not null && frame.LastVersion == call.Version && index.PositionOf(frame) == call.Position,
            Answer.Rejected => frame is null || (isRepeated && frame.FirstVersion != call.Pending.FirstVersion),
            _ => true,
        };

        if (!isRight)
        {
            yield return new(
                call.Answer == Answer.Accepted && frame is null ? ViolationKind.Lost : ViolationKind.Untrue,
                $"the append to {call.Pending.Stream} as {call.Pending.FirstVersion} was resolved by {call.Process} as {call.Answer} {call.Version} {call.Position}, but is {found}",
                call.Pending.Stream,
                call.Ended);
        }
    }
}
