namespace Messaging.Patterns.EntityFrameworkCore.EventSourcing;

/// <summary>Tells a context of its event store.</summary>
internal sealed class EventStoreExtension(StoreParts parts) : MessagingContextExtension("EventStore", "event store")
{
    public StoreParts Parts { get; } = parts;
}
