namespace Messaging.Patterns.Consuming;

/// <summary>A record without a value: by Kafka's convention it says that its key is deleted. The key is in <see cref="EventContext.Key"/>.</summary>
/// <remarks>Register a handler for it like for any event. In event topics there are none.</remarks>
public sealed record Tombstone
{
    /// <summary>The event type name that a tombstone has in <see cref="EventContext.EventType"/>.</summary>
    public const string TypeName = "messaging-patterns.tombstone";

    private Tombstone()
    {
    }

    /// <summary>Gets the one tombstone.</summary>
    public static Tombstone Instance { get; } = new();
}
