namespace Messaging.Patterns.Consuming;

/// <summary>What a consumer group does with an event that none of its handlers takes.</summary>
public enum UnhandledEventPolicy
{
    /// <summary>It is passed over, counted, and its type is logged once. The default, so that a new event type never stops old consumers.</summary>
    Skip,

    /// <summary>The partition stops, as after a handler's failure.</summary>
    Stop,

    /// <summary>The group's handler of <see cref="RawRecord"/> gets the record as it is. So it does with records that hold no event, and with payloads that are not of their type.</summary>
    Raw,
}
