using Messaging.Patterns.Kafka.EventSourcing.Protocol;

namespace Messaging.Patterns.Kafka.Tests.EventSourcing.Protocol.Simulation;

/// <summary>Judges what readers make of the log: fresh ones, those restored from checkpoints, the instances, and those that start anywhere.</summary>
internal sealed class ReaderChecker(PartitionSimulation history, IReadOnlyList<SimRecord> log, List<AcceptedFrame> accepted)
{
    private readonly HashSet<long> _offsets = [.. accepted.Select(frame => (long)frame.Offset)];

    public void Check(SimRandom random)
    {
        var fresh = SimCheckpoint.Nothing.Restore(AppendWindow.DefaultCapacity);
        CheckReader(fresh, "a fresh reader");

        foreach (var checkpoint in history.Checkpoints)
        {
            // What holds lost records is not to be read from: LossChecker.
            if (history.Loss is null || !SimInstance.DifferencesTo(checkpoint.Folded, checkpoint.Data.Next, history.Log).Any())
            {
                CheckReader(checkpoint.Restore(random.Pick([1, 3, 500])), $"a reader restored at {checkpoint.Data.Next}");
            }
        }

        foreach (var instance in history.Instances)
        {
            if (history.Loss is null || (instance.Writer.Fault is null && instance.FirstDifference() is null))
            {
                Require(Invariant.ReadersAgree, SameVersions(instance.Fold, fresh), $"instance {instance.Number} has other versions than a fresh reader");
                CheckWindow(instance.Fold.Window, $"instance {instance.Number}");
            }
        }

        // Frames that were chosen on lost records lie about their base.
        if (!history.Calls.Exists(call => call.IsStray))
        {
            CheckFilters(random);
        }
    }

    private void CheckReader(PartitionFold reader, string name)
    {
        for (var offset = (int)reader.Position; offset < log.Count; offset++)
        {
            if (log[offset].Frame is { } frame)
            {
                var isAccepted = reader.Fold(offset, frame) == Verdict.Accepted;
                Require(Invariant.ReadersAgree, isAccepted == _offsets.Contains(offset), $"{name} disagrees at offset {offset}");
            }
        }

        foreach (var stream in accepted.Select(frame => frame.Header.Stream).Distinct())
        {
            var expected = accepted.FindLast(frame => frame.Header.Stream == stream).Header.LastVersion;
            Require(Invariant.ReadersAgree, reader.Versions[stream] == expected, $"{name} has version {reader.Versions[stream]} of {stream.Value}, not {expected}");
        }

        CheckWindow(reader.Window, name);
    }

    /// <summary>The window holds what was accepted, and everything from the offset on from which it says so.</summary>
    private void CheckWindow(AppendWindow window, string name)
    {
        var expected = accepted
            .Where(frame => frame.Offset >= window.CoveredFrom)
            .Select(frame => new AcceptedAppend(frame.Header.Stream, frame.Header.AppendId, frame.Header.LastVersion, frame.Offset))
            .ToList();
        Require(
            Invariant.ReadersAgree,
            window.Appends.Where(append => append.Offset >= window.CoveredFrom).SequenceEqual(expected),
            $"{name} remembers other appends than were accepted from offset {window.CoveredFrom} on");
        Require(Invariant.ReadersAgree, window.Appends.All(append => _offsets.Contains(append.Offset)), $"{name} remembers an append that was not accepted");
    }

    private static bool SameVersions(PartitionFold one, PartitionFold other) =>
        one.Versions.Streams.Count == other.Versions.Streams.Count
        && one.Versions.Streams.All(entry => other.Versions[entry.Key] == entry.Value);

    private void CheckFilters(SimRandom random)
    {
        for (var i = 0; i < 2 && log.Count > 0; i++)
        {
            var start = random.Below(log.Count);
            var filter = new LoserFilter(start, random.Pick([1, 2, 3, 100]));

            for (var offset = start; offset < log.Count; offset++)
            {
                if (log[offset].Frame is { Count: > 0 } frame)
                {
                    var isAccepted = Judge(filter, offset, frame) == FilterVerdict.Accepted;
                    Require(Invariant.FilterEqualsRule, isAccepted == _offsets.Contains(offset), $"a reader that starts at {start} disagrees at offset {offset}");
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

        history.Count(Happening.FilterScanned);
        var scan = filter.Scan!.Value;
        var isFound = false;

        for (var at = (int)scan.From; at < scan.To; at++)
        {
            isFound |= log[at].Frame is { } earlier && scan.IsFoundIn(earlier);
        }

        return filter.Scanned(isFound);
    }

    private void Require(Invariant invariant, bool holds, FormattableString text)
    {
        if (!holds)
        {
            history.Violate(invariant, FormattableString.Invariant(text));
        }
    }
}
