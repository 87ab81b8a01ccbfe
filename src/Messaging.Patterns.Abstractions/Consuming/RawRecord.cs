namespace Messaging.Patterns.Consuming;

/// <summary>A record as it lies in its topic, not read as an event. Key and headers are in the <see cref="EventContext"/>.</summary>
/// <remarks>
/// For topics that hold no CloudEvents, and for the least work per record. A group with a handler of records reads nothing as an event, so it has no handler of
/// anything else, and it reads no topics of streams, where records may have lost a race. Unless it says that its handler of records is for what nobody else takes.
/// </remarks>
/// <param name="Value">The value; <see langword="null"/> if the record has none: by Kafka's convention its key is then deleted.</param>
public sealed record RawRecord(ReadOnlyMemory<byte>? Value)
{
    /// <summary>The event type name that a record has in <see cref="EventContext.EventType"/>.</summary>
    public const string TypeName = "messaging-patterns.record";
}
