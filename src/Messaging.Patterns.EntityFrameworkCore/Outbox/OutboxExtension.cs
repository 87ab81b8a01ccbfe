namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>Tells a context of its outbox.</summary>
internal sealed class OutboxExtension(OutboxWriter writer) : MessagingContextExtension("Outbox", "outbox")
{
    public OutboxWriter Writer { get; } = writer;
}
