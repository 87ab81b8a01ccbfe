namespace Messaging.Patterns.TestServers;

/// <summary>A frame of an event topic as a foreign client sees it.</summary>
/// <param name="Partition">Where it lies.</param>
/// <param name="Offset">Where it lies.</param>
/// <param name="Stream">The record's key.</param>
/// <param name="Append">The append's id.</param>
/// <param name="Base">The place up to which its writer had folded.</param>
/// <param name="IsAccepted">What rule F says.</param>
/// <param name="Events">Its events; none in a barrier.</param>
public sealed record LoggedFrame(int Partition, long Offset, string Stream, string Append, long Base, bool IsAccepted, IReadOnlyList<LoggedEvent> Events)
{
    /// <summary>Gets the version of its first event; 0 in a barrier.</summary>
    public long FirstVersion => Events.Count > 0 ? Events[0].Version : 0;

    /// <summary>Gets the version of its last event; 0 in a barrier.</summary>
    public long LastVersion => Events.Count > 0 ? Events[^1].Version : 0;
}

/// <summary>An event of a frame.</summary>
/// <param name="Version">The version that it has in its stream if the frame is accepted.</param>
/// <param name="Id">Its id.</param>
/// <param name="Text">The text of its payload.</param>
public sealed record LoggedEvent(long Version, string Id, string Text);
