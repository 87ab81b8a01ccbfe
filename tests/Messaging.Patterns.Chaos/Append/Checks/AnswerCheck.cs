using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Append.Checks;

/// <summary>Every answer is what the log says.</summary>
internal static class AnswerCheck
{
    public static IEnumerable<Violation> Check(AppendHistory history, LogIndex index) =>
        history.Appends.GroupBy(call => call.Work.Label).SelectMany(calls => calls.SelectMany(call => CheckCall(call, [.. calls], index)));

    private static IEnumerable<Violation> CheckCall(AppendCall call, List<AppendCall> same, LogIndex index) => call.Answer switch
    {
        Answer.Accepted => CheckSuccess(call, same, index),
        Answer.Conflict => CheckConflict(call, same, index),
        Answer.NotWritten => CheckNotWritten(call, same, index),
        _ => [],
    };

    private static IEnumerable<Violation> CheckSuccess(AppendCall call, List<AppendCall> same, LogIndex index)
    {
        if (index.ByLabel[call.Work.Label].FirstOrDefault() is not { } frame)
        {
            yield return Violate(ViolationKind.Lost, call, $"was acknowledged as version {call.Version} at {call.Position}, but the log does not accept it");
            yield break;
        }

        if (frame.LastVersion != call.Version || index.PositionOf(frame) != call.Position)
        {
            yield return Violate(
                ViolationKind.Untrue, call, $"was acknowledged as version {call.Version} at {call.Position}, but is version {frame.LastVersion} at {index.PositionOf(frame)}");
        }

        if (same.Count == 1 && !call.Work.Expected.IsMetBy(frame.FirstVersion - 1))
        {
            yield return Violate(ViolationKind.Untrue, call, $"expected {call.Work.Expected}, but was accepted behind version {frame.FirstVersion - 1}");
        }
    }

    private static IEnumerable<Violation> CheckConflict(AppendCall call, List<AppendCall> same, LogIndex index)
    {
        if (!call.Work.Decides && call.Work.Expected.IsMetBy(call.Version))
        {
            yield return Violate(ViolationKind.Untrue, call, $"was told a conflict with version {call.Version}, which meets {call.Work.Expected}");
        }

        if (call.Version > index.VersionOf(call.Work.Stream))
        {
            yield return Violate(ViolationKind.Untrue, call, $"was told a conflict with version {call.Version}, which the stream never reached");
        }

        // A repetition, or the call that it repeats, may be accepted; but whoever is told a version has seen what lies below it.
        if (index.ByLabel[call.Work.Label].FirstOrDefault() is { } frame && (!MayBeWritten(same) || frame.LastVersion <= call.Version))
        {
            yield return Violate(ViolationKind.Untrue, call, $"was told a conflict with version {call.Version}, but is accepted as version {frame.LastVersion}");
        }
    }

    private static IEnumerable<Violation> CheckNotWritten(AppendCall call, List<AppendCall> same, LogIndex index)
    {
        if (!MayBeWritten(same) && index.ByLabel[call.Work.Label].FirstOrDefault() is { } frame)
        {
            yield return Violate(ViolationKind.Untrue, call, $"was told that nothing was written, but is accepted as version {frame.LastVersion}");
        }
    }

    private static bool MayBeWritten(List<AppendCall> same) => same.Exists(call => call.Answer is Answer.Accepted or Answer.Unknown or Answer.None);

    private static Violation Violate(ViolationKind kind, AppendCall call, string text) =>
        new(kind, $"{call.Work.Label} to {call.Work.Stream}, called by {call.Process}, {text}", call.Work.Stream, call.Ended);
}
