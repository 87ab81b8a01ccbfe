using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.Chaos.Harness;

namespace Messaging.Patterns.Chaos.Append.Checks;

/// <summary>Per stream the history is linearizable: versions are an order of all appends, and it must be one that real time allows.</summary>
internal static class OrderCheck
{
    public static IEnumerable<Violation> Check(AppendHistory history, LogIndex index)
    {
        var times = new KnownTimes(history, index);
        return
        [
            .. index.Streams.SelectMany(stream => CheckStream(stream, index, times)),
            .. history.Appends.Where(call => call is { Answer: Answer.Conflict, Work.Decides: false }).SelectMany(call => CheckConflict(call, times)),
        ];
    }

    private static IEnumerable<Violation> CheckStream(string stream, LogIndex index, KnownTimes times)
    {
        var (asked, known) = (times.Asked(stream), times.Known(stream));
        var (latest, latestVersion) = (long.MinValue, 0);

        for (var version = 0; version < asked.Count; version++)
        {
            if (asked[version] > latest)
            {
                (latest, latestVersion) = (asked[version], version);
            }

            if (known[version] < latest)
            {
                var events = index.EventsOf(stream);
                yield return new(
                    ViolationKind.Reordered,
                    $"{events[version].Event.Text} was known as version {version + 1} of {stream} before {events[latestVersion].Event.Text}, which became version {latestVersion + 1}, was asked for",
                    stream,
                    known[version]);
            }
        }
    }

    /// <summary>A conflict names a version that the stream had by then; and where the stream was to be further, that version had not been passed before.</summary>
    private static IEnumerable<Violation> CheckConflict(AppendCall call, KnownTimes times)
    {
        var asked = times.Asked(call.Work.Stream);

        if (call.Version > 0 && call.Version <= asked.Count && asked[(int)call.Version - 1] > call.Ended)
        {
            yield return new(
                ViolationKind.Reordered, $"{call.Work.Label} to {call.Work.Stream} was told version {call.Version} before anybody asked for that", call.Work.Stream, call.Ended);
        }

        var wasToBeFurther = call.Work.Expected.Exact is { } exact ? exact > call.Version : call.Version == 0;

        if (wasToBeFurther && times.AcknowledgedBefore(call.Work.Stream, call.Began) is var version && version > call.Version)
        {
            yield return new(
                ViolationKind.Untrue,
                $"{call.Work.Label} to {call.Work.Stream}, called by {call.Process}, expected {call.Work.Expected} and was told version {call.Version}, but {version} was acknowledged before it began",
                call.Work.Stream,
                call.Ended);
        }
    }
}
