using System.Diagnostics;
using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Faults;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Append;

/// <summary>The part of a history that a violation is about.</summary>
internal sealed class HistoryExcerpt(AppendHistory history, IEnumerable<CausedFault> faults, long began)
{
    private const int MaxLines = 60;

    /// <summary>Returns faults, calls and frames around a violation, in the order of time; of a stream that is all that concerns it.</summary>
    public IEnumerable<string> Around(Violation violation)
    {
        if (violation.Subject is not { } stream)
        {
            return Faults(violation.At).Select(line => line.Text);
        }

        var lines = Appends(stream).Concat(Resolves(stream)).Concat(Reads(stream)).Concat(Handlings(stream)).Concat(Faults(violation.At)).OrderBy(line => line.At).ToList();
        var nearest = violation.At > 0 ? Math.Max(0, lines.FindIndex(line => line.At >= violation.At)) : 0;
        return lines.Skip(Math.Max(0, nearest - (MaxLines * 2 / 3))).Take(MaxLines).Select(line => line.Text).Concat(Frames(stream));
    }

    private IEnumerable<(long At, string Text)> Appends(string stream) => history.Appends.Where(call => call.Work.Stream == stream).Select(call => Line(
        call.Began,
        $"{call.Process} {(call.Work.Decides ? "decides" : "appends")} {call.Work.Label} x{call.Work.Count} ({(call.Work.Decides ? "" : call.Work.Expected)}{(call.Work.Id is null ? "" : $", id {call.Work.Id:N}")})"
        + $" -> {call.Answer} {call.Version} {call.Position} at {Seconds(call.Ended)}"));

    private IEnumerable<(long At, string Text)> Resolves(string stream) => history.Resolves.Where(call => call.Pending.Stream == stream).Select(call => Line(
        call.Began, $"{call.Process} resolves {call.Pending.Id:N} as {call.Pending.FirstVersion} -> {call.Answer} {call.Version} {call.Position} at {Seconds(call.Ended)}"));

    private IEnumerable<(long At, string Text)> Reads(string stream) => history.Reads.Where(read => read.Asked.Stream == stream).Select(read => Line(
        read.Asked.At, $"{read.Process} reads {read.Asked.Freshness} {read.Asked.Session} from {read.Asked.From} -> {read.Seen.Last} at {Seconds(read.Seen.At)}"));

    private IEnumerable<(long At, string Text)> Handlings(string stream) => history.Handlings.Where(one => one.Event.Stream == stream).Select(one => Line(
        one.Event.At, $"{one.Process} handles version {one.Event.Version} {one.Event.Partition}@{one.Event.Offset} until {Seconds(one.Ended)}"));

    private IEnumerable<(long At, string Text)> Faults(long at) =>
        faults.Where(fault => at == 0 || (fault.From <= at && fault.To >= at - (10 * Stopwatch.Frequency))).Select(fault => Line(fault.From, $"{fault.Text} until {Seconds(fault.To)}"));

    private IEnumerable<string> Frames(string stream) => history.Log.Where(frame => frame.Stream == stream).TakeLast(MaxLines).Select(frame =>
        FormattableString.Invariant($"log {frame.Partition}@{frame.Offset}: {frame.FirstVersion}-{frame.LastVersion} base {frame.Base} append {frame.Append} {(frame.IsAccepted ? "accepted" : "ignored")} {frame.Events[0].Text}"));

    private (long At, string Text) Line(long at, string text) => (at, $"{Seconds(at)} {text}");

    private string Seconds(long at) =>
        at == long.MaxValue ? "never" : FormattableString.Invariant($"{Stopwatch.GetElapsedTime(began, at).TotalSeconds:F3}");
}
