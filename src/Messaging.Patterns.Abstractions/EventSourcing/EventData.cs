namespace Messaging.Patterns.EventSourcing;

/// <summary>An event to be appended or published.</summary>
public sealed record EventData
{
    /// <summary>Initializes an event.</summary>
    /// <param name="payload">An object of a type with a registered event type name, or a <see cref="RawEvent"/>.</param>
    public EventData(object payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        Payload = payload;
    }

    /// <summary>Gets the event's content: an object of a registered event type, or a <see cref="RawEvent"/>.</summary>
    public object Payload { get; }

    /// <summary>Gets the event's id, unique within its source; not empty.</summary>
    /// <value>The default is <see langword="null"/>: an append then derives it from its <see cref="AppendId"/>, so that a repeated append carries the same ids; a publish draws a new one.</value>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    public string? Id
    {
        get;
        init => field = value is "" ? throw new ArgumentException("The id of an event must not be empty; leave it out to have one derived.", nameof(Id)) : value;
    }

    /// <summary>Gets the time at which the event happened.</summary>
    /// <value>The default is <see langword="null"/>: the time of the call.</value>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Gets further facts about the event, stored as CloudEvents extension attributes.</summary>
    /// <value>Names are 1 to 20 lower-case letters and digits that no CloudEvents attribute has (such as <c>correlationid</c>); the default is empty.</value>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = EmptyMetadata;

    internal static IReadOnlyDictionary<string, string> EmptyMetadata { get; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;
}
