namespace Messaging.Patterns.EventSourcing.Copying.Protocol;

/// <summary>Makes appends again of the events of a feed, where the events of one append follow each other and share a position. Pure.</summary>
internal sealed class AppendGrouping
{
    private List<RecordedEvent> _events = [];

    /// <summary>Takes the next event of the feed, and returns the append before it once it is known to be whole.</summary>
    public CopiedAppend? Add(RecordedEvent recorded)
    {
        var whole = _events.Count > 0 && !IsOfOneAppend(_events[^1], recorded) ? End() : null;
        _events.Add(recorded);
        return whole;
    }

    /// <summary>Returns the last append, at the end of the feed, which never ends within one.</summary>
    public CopiedAppend? End()
    {
        var events = _events;
        _events = [];
        return events.Count > 0 ? new CopiedAppend(events) : null;
    }

    // The version tells apart what some other implementation of a feed gives the same place.
    private static bool IsOfOneAppend(RecordedEvent one, RecordedEvent next) =>
        one.Stream == next.Stream && one.Position.Equals(next.Position) && one.AppendId == next.AppendId && one.Version + 1 == next.Version;
}
