using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>Judges a finished history by the log alone, with its own reading of rule F.</summary>
/// <remarks>
/// If the log has lost records, what was answered before is judged by the log as it was before, and what was answered afterwards by the log as it is now,
/// as far as the instance that answered had not folded what is lost. One that had must stop: <see cref="LossChecker"/>.
/// </remarks>
internal sealed class HistoryChecker
{
    private readonly PartitionSimulation _history;
    private readonly IReadOnlyList<SimRecord> _log;
    private readonly List<AcceptedFrame> _accepted;

    private HistoryChecker(PartitionSimulation history, IReadOnlyList<SimRecord> log) => (_history, _log, _accepted) = (history, log, RuleF(log));

    public static void Check(PartitionSimulation history, SimRandom random)
    {
        var lostAt = history.Loss?.At ?? -1;

        if (history.Loss is { } loss)
        {
            var before = new HistoryChecker(history, loss.Before);
            before.CheckCalls(call => call.AnsweredAt >= 0 && call.AnsweredAt <= lostAt, resolution => resolution.At <= lostAt);
            new OrderChecker(history, before._accepted, (_, to, _) => to >= 0 && to <= lostAt).Check();
            LossChecker.Check(history);
        }

        var now = new HistoryChecker(history, history.Log.Readable());
        now.CheckLog();
        now.CheckCalls(
            call => call.AnsweredAt > lostAt && (call.IsSound || call.AnsweredAt < 0),
            resolution => resolution.At > lostAt && resolution.IsSound);
        new OrderChecker(history, now._accepted, (from, _, isSound) => isSound && from > lostAt).Check();
        new ReaderChecker(history, now._log, now._accepted).Check(random);
    }

    private static List<AcceptedFrame> RuleF(IReadOnlyList<SimRecord> log)
    {
        var version = new Dictionary<StreamKey, long>();
        var accepted = new List<AcceptedFrame>();

        for (var offset = 0; offset < log.Count; offset++)
        {
            if (log[offset].Frame is { Count: > 0 } frame && frame.FirstVersion == version.GetValueOrDefault(frame.Stream) + 1)
            {
                version[frame.Stream] = version.GetValueOrDefault(frame.Stream) + frame.Count;
                accepted.Add(new AcceptedFrame(offset, frame, log[offset].LandedAt, log[offset].Call));
            }
        }

        return accepted;
    }

    private void CheckLog()
    {
        var last = new Dictionary<StreamKey, long>();
        var ids = new HashSet<(StreamKey, AppendId)>();

        foreach (var frame in _accepted)
        {
            Require(Invariant.NoGapsNoRepeats, frame.Header.FirstVersion == last.GetValueOrDefault(frame.Header.Stream) + 1, $"offset {frame.Offset} leaves a gap");
            last[frame.Header.Stream] = frame.Header.LastVersion;
            var isNew = ids.Add((frame.Header.Stream, frame.Header.AppendId));
            Require(Invariant.IdAcceptedOnce, isNew || IsStray(frame.Header.Stream, frame.Header.AppendId), $"{frame.Call} is accepted again at offset {frame.Offset}");
        }

        // An honest writer's frame never lies ahead of its stream.
        var version = new Dictionary<StreamKey, long>();
        var next = 0;

        for (var offset = 0; offset < _log.Count; offset++)
        {
            if (_log[offset].Frame is { Count: > 0 } frame)
            {
                var current = version.GetValueOrDefault(frame.Stream);
                Require(Invariant.NoGapsNoRepeats, frame.FirstVersion <= current + 1 || _history.Loss is not null, $"offset {offset} is ahead of its stream");
                var isAccepted = next < _accepted.Count && _accepted[next].Offset == offset;
                next += isAccepted ? 1 : 0;
                version[frame.Stream] = isAccepted ? frame.LastVersion : current;
            }
        }
    }

    private void CheckCalls(Func<SimCall, bool> isJudged, Func<SimResolution, bool> counts)
    {
        foreach (var call in _history.Calls)
        {
            if (isJudged(call))
            {
                CheckCall(call, counts);
            }
        }
    }

    private void CheckCall(SimCall call, Func<SimResolution, bool> counts)
    {
        if (call.Answer is not { } answer)
        {
            Require(Invariant.EveryCallAnswered, call.IsAbandoned, $"{call} was never answered");
            return;
        }

        switch (answer.Kind)
        {
            case DecisionKind.Accepted:
                CheckAccepted(call, answer.Version, answer.Offset);
                break;
            case DecisionKind.Conflict:
                Require(Invariant.ConflictNeverAccepted, !IsAccepted(call), $"{call} was answered 'conflict', but is accepted");
                break;
            case DecisionKind.Unknown:
                CheckUnknown(call, answer, counts);
                break;
            default:
                Require(Invariant.FailureNeverWritten, !IsAccepted(call), $"{call} was answered '{answer.Kind}', but is accepted");
                Require(Invariant.FailureNeverWritten, !IsAcceptedThroughJoined(call), $"{call} was answered '{answer.Kind}', but {call.Joined}, which it joined, is accepted");
                break;
        }
    }

    private void CheckAccepted(SimCall call, long version, long offset)
    {
        var found = _accepted.FindAll(frame => frame.Header.Stream == call.Stream && frame.Header.AppendId == call.Id);
        var isOnce = found.Count == 1 || (found.Count > 1 && IsStray(call.Stream, call.Id));
        Require(
            Invariant.SuccessAcceptedOnce,
            isOnce && found.Exists(frame => frame.Header.LastVersion == version && frame.Offset == offset),
            $"{call} was answered 'version {version} at offset {offset}', but is accepted {found.Count} times, at offset {(found.Count > 0 ? found[0].Offset : -1)}");
        Require(
            Invariant.SuccessAcceptedOnce,
            call.IsRepeated || call.Expected.IsMetBy(version - call.Count),
            $"{call} became version {version}, against its expectation");
    }

    private void CheckUnknown(SimCall call, in AppendDecision unknown, Func<SimResolution, bool> counts)
    {
        if (IsStray(call.Stream, call.Id))
        {
            return;
        }

        var (firstVersion, pendingBase) = (unknown.FirstVersion, unknown.Base);
        var frame = _accepted.Find(frame => frame.Header.Stream == call.Stream && frame.Header.FirstVersion == firstVersion);
        var isAccepted = frame.Header.Count > 0 && frame.Header.AppendId == call.Id;
        Require(Invariant.UnknownResolvesToOne, call.Resolutions.Count > 0 || _history.Loss is not null, $"{call} was not resolved");
        Require(Invariant.UnknownResolvesToOne, !isAccepted || frame.Offset >= pendingBase, $"{call} is accepted before its base {pendingBase}");

        foreach (var resolution in call.Resolutions.Where(counts))
        {
            // A repeat may have been accepted at another version; then the id is in the stream, which is what "accepted" says.
            var (outcome, version) = (resolution.Outcome, resolution.Version);
            var asRepeat = call.IsRepeated && outcome == AppendOutcome.Accepted && _accepted.Exists(
                other => other.Header.Stream == call.Stream && other.Header.AppendId == call.Id && other.Header.LastVersion == version);
            var isRight = outcome == (isAccepted ? AppendOutcome.Accepted : AppendOutcome.Rejected) && (!isAccepted || version == frame.Header.LastVersion);
            Require(Invariant.UnknownResolvesToOne, isRight || asRepeat, $"{call} was resolved as {outcome}, but the log accepts it: {isAccepted}");
        }
    }

    /// <summary>Returns whether a copy that this call wrote, or for an exact expectation anyone with its id, is in the stream.</summary>
    private bool IsAccepted(SimCall call) => _accepted.Exists(frame => frame.Call == call);

    /// <summary>Returns whether a copy of the call that this one joined, which was out when this one was answered, is in the stream.</summary>
    private bool IsAcceptedThroughJoined(SimCall call) =>
        call.Joined is { } joined && _accepted.Exists(frame => frame.Call == joined && _log[frame.Offset].SentAt < call.AnsweredAt);

    /// <summary>Returns whether an instance that had folded lost records sent frames with this id: their base and version may be those of another log.</summary>
    private bool IsStray(StreamKey stream, AppendId id) => _history.Loss is not null && _history.Calls.Exists(call => call.IsStray && call.Stream == stream && call.Id == id);

    private void Require(Invariant invariant, bool holds, FormattableString text)
    {
        if (!holds)
        {
            _history.Violate(invariant, FormattableString.Invariant(text));
        }
    }
}
