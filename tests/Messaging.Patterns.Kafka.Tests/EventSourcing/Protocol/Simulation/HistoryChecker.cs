using Messaging.Patterns.EventSourcing;
using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>Judges a finished history by the log alone, with its own reading of rule F.</summary>
internal sealed class HistoryChecker
{
    private readonly PartitionSimulation _history;
    private readonly List<AcceptedFrame> _accepted = [];
    private readonly HashSet<int> _acceptedOffsets = [];

    private HistoryChecker(PartitionSimulation history)
    {
        _history = history;
        var version = new Dictionary<StreamKey, long>();

        for (var offset = 0; offset < history.Log.Count; offset++)
        {
            // Rule F.
            if (history.Log[offset].Frame is { Count: > 0 } frame && frame.FirstVersion == version.GetValueOrDefault(frame.Stream) + 1)
            {
                version[frame.Stream] = version.GetValueOrDefault(frame.Stream) + frame.Count;
                _accepted.Add(new AcceptedFrame(offset, frame, history.Log[offset].LandedAt, history.Log[offset].Call));
                _acceptedOffsets.Add(offset);
            }
        }
    }

    public static void Check(PartitionSimulation history, SimRandom random)
    {
        var checker = new HistoryChecker(history);
        checker.CheckLog();

        foreach (var call in history.Calls)
        {
            checker.CheckCall(call);
        }

        checker.CheckReaders();
        checker.CheckFilters(random);
        new OrderChecker(history, checker._accepted).Check();
    }

    private void CheckLog()
    {
        var last = new Dictionary<StreamKey, long>();
        var ids = new HashSet<(StreamKey, AppendId)>();

        foreach (var frame in _accepted)
        {
            Require(Invariant.NoGapsNoRepeats, frame.Header.FirstVersion == last.GetValueOrDefault(frame.Header.Stream) + 1, $"offset {frame.Offset} leaves a gap");
            last[frame.Header.Stream] = frame.Header.LastVersion;
            Require(Invariant.IdAcceptedOnce, ids.Add((frame.Header.Stream, frame.Header.AppendId)), $"{frame.Call} is accepted again at offset {frame.Offset}");
        }

        // An honest writer's frame never lies ahead of its stream.
        var version = new Dictionary<StreamKey, long>();

        for (var offset = 0; offset < _history.Log.Count; offset++)
        {
            if (_history.Log[offset].Frame is { Count: > 0 } frame)
            {
                var current = version.GetValueOrDefault(frame.Stream);
                Require(Invariant.NoGapsNoRepeats, frame.FirstVersion <= current + 1, $"offset {offset} is ahead of its stream");
                version[frame.Stream] = _acceptedOffsets.Contains(offset) ? frame.LastVersion : current;
            }
        }
    }

    private void CheckCall(SimCall call)
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
                CheckUnknown(call, answer.FirstVersion, answer.Base);
                break;
            default:
                Require(Invariant.FailureNeverWritten, !IsAccepted(call), $"{call} was answered '{answer.Kind}', but is accepted");
                break;
        }
    }

    private void CheckAccepted(SimCall call, long version, long offset)
    {
        var found = _accepted.FindAll(frame => frame.Header.Stream == call.Stream && frame.Header.AppendId == call.Id);
        Require(
            Invariant.SuccessAcceptedOnce,
            found.Count == 1 && found[0].Header.LastVersion == version && found[0].Offset == offset,
            $"{call} was answered 'version {version} at offset {offset}', but is accepted {found.Count} times, at offset {(found.Count > 0 ? found[0].Offset : -1)}");
        Require(
            Invariant.SuccessAcceptedOnce,
            call.IsRepeated || call.Expected.IsMetBy(version - call.Count),
            $"{call} became version {version}, against its expectation");
    }

    private void CheckUnknown(SimCall call, long firstVersion, long pendingBase)
    {
        var frame = _accepted.Find(frame => frame.Header.Stream == call.Stream && frame.Header.FirstVersion == firstVersion);
        var isAccepted = frame.Header.Count > 0 && frame.Header.AppendId == call.Id;
        Require(Invariant.UnknownResolvesToOne, call.Resolutions.Count > 0, $"{call} was not resolved");
        Require(Invariant.UnknownResolvesToOne, !isAccepted || frame.Offset >= pendingBase, $"{call} is accepted before its base {pendingBase}");

        foreach (var (outcome, version) in call.Resolutions)
        {
            // A repeat may have been accepted at another version; then the id is in the stream, which is what "accepted" says.
            var asRepeat = call.IsRepeated && outcome == AppendOutcome.Accepted && _accepted.Exists(
                other => other.Header.Stream == call.Stream && other.Header.AppendId == call.Id && other.Header.LastVersion == version);
            var isRight = outcome == (isAccepted ? AppendOutcome.Accepted : AppendOutcome.Rejected) && (!isAccepted || version == frame.Header.LastVersion);
            Require(Invariant.UnknownResolvesToOne, isRight || asRepeat, $"{call} was resolved as {outcome}, but the log accepts it: {isAccepted}");
        }
    }

    /// <summary>Returns whether a copy that this call wrote, or for an exact expectation anyone with its id, is in the stream.</summary>
    private bool IsAccepted(SimCall call) => _accepted.Exists(frame => frame.Call == call);

    private void CheckReaders()
    {
        var fresh = new PartitionFold(PartitionSimulation.Partitions);
        CheckReader(fresh, "a fresh reader");

        foreach (var checkpoint in _history.Checkpoints)
        {
            CheckReader(checkpoint, $"a reader restored at {checkpoint.Position}");
        }

        foreach (var instance in _history.Instances)
        {
            Require(Invariant.ReadersAgree, SameVersions(instance.Fold, fresh), $"instance {instance.Number} has other versions than a fresh reader");
        }
    }

    private void CheckReader(PartitionFold reader, string name)
    {
        for (var offset = (int)reader.Position; offset < _history.Log.Count; offset++)
        {
            if (_history.Log[offset].Frame is { } frame)
            {
                var isAccepted = reader.Fold(offset, frame) == Verdict.Accepted;
                Require(Invariant.ReadersAgree, isAccepted == _acceptedOffsets.Contains(offset), $"{name} disagrees at offset {offset}");
            }
        }

        foreach (var stream in _accepted.Select(frame => frame.Header.Stream).Distinct())
        {
            var expected = _accepted.FindLast(frame => frame.Header.Stream == stream).Header.LastVersion;
            Require(Invariant.ReadersAgree, reader.Versions[stream] == expected, $"{name} has version {reader.Versions[stream]} of {stream.Value}, not {expected}");
        }
    }

    private static bool SameVersions(PartitionFold one, PartitionFold other) =>
        one.Versions.Streams.Count == other.Versions.Streams.Count
        && one.Versions.Streams.All(entry => other.Versions[entry.Key] == entry.Value);

    private void CheckFilters(SimRandom random)
    {
        for (var i = 0; i < 2 && _history.Log.Count > 0; i++)
        {
            var start = random.Below(_history.Log.Count);
            var filter = new LoserFilter(start, random.Pick([1, 2, 3, 100]));

            for (var offset = start; offset < _history.Log.Count; offset++)
            {
                if (_history.Log[offset].Frame is { Count: > 0 } frame)
                {
                    var isAccepted = Judge(filter, offset, frame) == FilterVerdict.Accepted;
                    Require(
                        Invariant.FilterEqualsRule,
                        isAccepted == _acceptedOffsets.Contains(offset),
                        $"a reader that starts at {start} disagrees at offset {offset}");
                }
            }
        }
    }

    private FilterVerdict Judge(LoserFilter filter, int offset, in FrameHeader frame)
    {
        var verdict = filter.Judge(offset, frame);

        if (verdict != FilterVerdict.NeedsScan)
        {
            return verdict;
        }

        _history.Count(Happening.FilterScanned);
        var scan = filter.Scan!.Value;
        var isFound = false;

        for (var at = (int)scan.From; at < scan.To; at++)
        {
            isFound |= _history.Log[at].Frame is { } earlier && scan.IsFoundIn(earlier);
        }

        return filter.Scanned(isFound);
    }

    private void Require(Invariant invariant, bool holds, FormattableString text)
    {
        if (!holds)
        {
            _history.Violate(invariant, FormattableString.Invariant(text));
        }
    }

    private void Require(Invariant invariant, bool holds, string text)
    {
        if (!holds)
        {
            _history.Violate(invariant, text);
        }
    }
}
