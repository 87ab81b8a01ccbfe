namespace Messaging.Patterns.Consuming;

/// <summary>How far a rewind is carried out in a partition.</summary>
public enum RewindState
{
    /// <summary>The partition's owner has not carried it out yet; if nobody owns it, the next owner does.</summary>
    Asked,

    /// <summary>The position is set, durably, and events are given out from there.</summary>
    Done,

    /// <summary>The owner does not carry it out: a handler of the group refuses to go back. See <see cref="OnReplayAttribute"/>.</summary>
    Refused,
}
