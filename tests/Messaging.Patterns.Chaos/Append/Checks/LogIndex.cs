using Messaging.Patterns.TestServers;

namespace Messaging.Patterns.Chaos.Append.Checks;

/// <summary>What the log accepts, by stream, by append and by place.</summary>
internal sealed class LogIndex
{
    private readonly Dictionary<string, List<(LoggedFrame Frame, LoggedEvent Event)>> _streams = new(StringComparer.Ordinal);
    private readonly string _topic;

    public LogIndex(string topic, IReadOnlyList<LoggedFrame> log)
    {
        _topic = topic;
        Accepted = [.. log.Where(frame => frame.IsAccepted)];
        ByLabel = Accepted.ToLookup(frame => Noted.LabelOf(frame.Events[0].Text), StringComparer.Ordinal);
        ById = Accepted.ToLookup(frame => (frame.Stream, frame.Append));

        foreach (var frame in Accepted)
        {
            if (!_streams.TryGetValue(frame.Stream, out var events))
            {
                _streams.Add(frame.Stream, events = []);
            }

            events.AddRange(frame.Events.Select(one => (frame, one)));
        }
    }

    public IReadOnlyList<LoggedFrame> Accepted { get; }

    public ILookup<string, LoggedFrame> ByLabel { get; }

    public ILookup<(string Stream, string Append), LoggedFrame> ById { get; }

    public IEnumerable<string> Streams => _streams.Keys;

    /// <summary>Returns the events of a stream, in order of their versions.</summary>
    public IReadOnlyList<(LoggedFrame Frame, LoggedEvent Event)> EventsOf(string stream) => _streams.GetValueOrDefault(stream) ?? [];

    /// <summary>Returns the version that a stream has in the end.</summary>
    public long VersionOf(string stream) => EventsOf(stream).Count;

    /// <summary>Returns the position that covers a frame.</summary>
    public string PositionOf(LoggedFrame frame) => FormattableString.Invariant($"{PartOf(frame)}@{frame.Offset + 1}");

    public string PartOf(LoggedFrame frame) => FormattableString.Invariant($"{_topic}:{frame.Partition}");
}
