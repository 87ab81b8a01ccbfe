using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Chaos.Append.Checks;

/// <summary>Reads see exactly what the log holds, as far as they were asked to, and never less than their process saw before.</summary>
internal static class ReadCheck
{
    public static IEnumerable<Violation> Check(AppendHistory history, LogIndex index)
    {
        var times = new KnownTimes(history, index);
        return
        [
            .. history.Reads.SelectMany(read => CheckContent(read, index, times)),
            .. history.Reads.SelectMany(read => CheckFreshness(read, history, index, times)),
            .. history.Reads.GroupBy(read => (read.Process, read.Asked.Stream)).SelectMany(CheckMonotone),
        ];
    }

    private static IEnumerable<Violation> CheckContent(ReadCall read, LogIndex index, KnownTimes times)
    {
        var events = index.EventsOf(read.Asked.Stream);

        if (read.Seen.Last > events.Count)
        {
            yield return Violate(ViolationKind.Lost, read, $"saw version {read.Seen.Last}, but the log has only {events.Count}");
            yield break;
        }

        var digest = new EventDigest();

        for (var version = read.Asked.From; version <= read.Seen.Last; version++)
        {
            var (frame, one) = events[(int)version - 1];
            digest.Add(read.Asked.Stream, version, one.Id, one.Text, index.PositionOf(frame));
        }

        if (digest.Count != read.Seen.Count || digest.Value != read.Seen.Digest)
        {
            yield return Violate(ViolationKind.Untrue, read, $"saw {read.Seen.Count} events up to version {read.Seen.Last} that are not those of the log");
        }

        if (read.Seen.Last > 0 && times.Asked(read.Asked.Stream)[(int)read.Seen.Last - 1] > read.Seen.At)
        {
            yield return Violate(ViolationKind.Reordered, read, $"saw version {read.Seen.Last} before anybody asked for it");
        }
    }

    private static IEnumerable<Violation> CheckFreshness(ReadCall read, AppendHistory history, LogIndex index, KnownTimes times)
    {
        var least = read.Asked.Freshness switch
        {
            _ when read.IsFinal => index.VersionOf(read.Asked.Stream),
            Freshness.Strong when !MayBeDeposed(read, history) => times.AcknowledgedBefore(read.Asked.Stream, read.Asked.At),
            Freshness.Linearizable => times.AcknowledgedBefore(read.Asked.Stream, read.Asked.At),
            Freshness.Session => CoveredBy(Position.Parse(read.Asked.Session!), read.Asked.Stream, index),
            _ => 0,
        };

        // A read that began beyond what it was to see says nothing.
        if (least >= read.Asked.From && read.Seen.Last < least)
        {
            yield return Violate(read.IsFinal ? ViolationKind.Lost : ViolationKind.Untrue, read, $"saw version {read.Seen.Last}, but had to see {least}");
        }
    }

    private static long CoveredBy(Position position, string stream, LogIndex index) =>
        index.EventsOf(stream).Count(one => one.Frame.Offset < position.Next(index.PartOf(one.Frame)));

    private static bool MayBeDeposed(ReadCall read, AppendHistory history) =>
        history.Pauses.Any(pause => read.Seen.At >= pause.From && read.Asked.At <= pause.To);

    private static IEnumerable<Violation> CheckMonotone(IEnumerable<ReadCall> reads)
    {
        // By their ends, each read knows what was seen by those that had ended when it began.
        var ended = reads.OrderBy(read => read.Seen.At).ToList();
        var (next, seen) = (0, 0L);

        foreach (var read in reads.OrderBy(read => read.Asked.At))
        {
            for (; next < ended.Count && ended[next].Seen.At < read.Asked.At; next++)
            {
                seen = Math.Max(seen, ended[next].Seen.Last);
            }

            if (seen >= read.Asked.From && read.Seen.Last < seen)
            {
                yield return Violate(ViolationKind.Reordered, read, $"saw version {read.Seen.Last}, after the process had seen {seen}");
            }
        }
    }

    private static Violation Violate(ViolationKind kind, ReadCall read, string text) =>
        new(kind, $"a {read.Asked.Freshness.ToString().ToLowerInvariant()} read of {read.Asked.Stream} from {read.Asked.From} by {read.Process} {text}", read.Asked.Stream, read.Seen.At);
}
