namespace Messaging.Patterns.EventSourcing;

/// <summary>Options of a read of all events.</summary>
public sealed record FeedReadOptions
{
    /// <summary>Gets whether the read goes on with events that are appended later, until it is cancelled.</summary>
    /// <value>The default is <see langword="false"/>: the read ends at the end of what the store held when it began.</value>
    public bool Follow { get; init; }

    /// <summary>Gets whether payloads are left serialized, as <see cref="RawEvent"/>.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Raw { get; init; }
}
