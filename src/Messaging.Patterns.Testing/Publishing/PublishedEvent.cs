namespace Messaging.Patterns.Testing.Publishing;

/// <summary>An event that <see cref="InMemoryEventPublisher"/> keeps.</summary>
public sealed record PublishedEvent
{
    /// <summary>Gets the topic of the event's route.</summary>
    public required string Topic { get; init; }

    /// <summary>Gets the key that the route gave the event.</summary>
    public required string Key { get; init; }

    /// <summary>Gets the event's id.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the event's type name.</summary>
    public required string Type { get; init; }

    /// <summary>Gets the time at which the event happened.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets the event's content, serialized and read back as a receiver would; <see cref="Consuming.Tombstone"/> for a tombstone.</summary>
    public required object Payload { get; init; }

    /// <summary>Gets further facts about the event.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }
}
