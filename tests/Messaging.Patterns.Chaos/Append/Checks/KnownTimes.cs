using Messaging.Patterns.Chaos.Append.History;
using Messaging.Patterns.EventSourcing;

namespace Messaging.Patterns.Chaos.Append.Checks;

/// <summary>Between which times an accepted append took effect: not before anybody asked for it, not after anybody knew of it.</summary>
internal sealed class KnownTimes
{
    private readonly Dictionary<string, long[]> _asked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long[]> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long[]> _acknowledged = new(StringComparer.Ordinal);

    public KnownTimes(AppendHistory history, LogIndex index)
    {
        var calls = history.Appends.ToLookup(call => call.Work.Label, StringComparer.Ordinal);
        var resolves = history.Resolves.Where(call => call.Answer == Answer.Accepted)
            .ToLookup(call => (call.Pending.Stream, new AppendId(call.Pending.Id).ToString()));
        var reads = history.Reads.ToLookup(read => read.Asked.Stream, StringComparer.Ordinal);

        foreach (var stream in index.Streams)
        {
            var events = index.EventsOf(stream);
            _asked[stream] = [.. events.Select(one => calls[Noted.LabelOf(one.Event.Text)].Select(call => call.Began).DefaultIfEmpty(0).Min())];
            _acknowledged[stream] =
            [
                .. events.Select(one => calls[Noted.LabelOf(one.Event.Text)].Where(call => call.Answer == Answer.Accepted).Select(call => call.Ended)
                    .Concat(resolves[(stream, one.Frame.Append)].Select(call => call.Ended)).DefaultIfEmpty(long.MaxValue).Min()),
            ];
            _known[stream] = [.. _acknowledged[stream]];

            foreach (var read in reads[stream].Where(read => read.Seen.Last > 0 && read.Seen.Last <= events.Count))
            {
                _known[stream][read.Seen.Last - 1] = Math.Min(_known[stream][read.Seen.Last - 1], read.Seen.At);
            }
        }
    }

    /// <summary>Returns when an append was first asked for, by version of its events, the first at 0.</summary>
    public IReadOnlyList<long> Asked(string stream) => _asked.GetValueOrDefault(stream) ?? [];

    /// <summary>Returns when it was first known to anybody to be in the stream.</summary>
    public IReadOnlyList<long> Known(string stream) => _known.GetValueOrDefault(stream) ?? [];

    /// <summary>Returns the highest version that was acknowledged before a time.</summary>
    public long AcknowledgedBefore(string stream, long time) => Array.FindLastIndex(_acknowledged.GetValueOrDefault(stream) ?? [], at => at < time) + 1;
}
