namespace Messaging.Patterns.EntityFrameworkCore.Outbox;

/// <summary>An event takes more bytes than an outbox may hand to a broker. Nothing was added to the context.</summary>
/// <param name="eventType">The class of the event.</param>
/// <param name="topic">The topic that it is for.</param>
/// <param name="size">The size of the record's value, in bytes.</param>
/// <param name="limit">The most bytes that are allowed.</param>
public sealed class OutboxEventTooLargeException(Type eventType, string topic, int size, int limit)
    : MessagingException(
        $"An event of '{eventType}' for topic '{topic}' takes {size} bytes, and at most {limit} are allowed. Make it smaller, such as by the place of what is large, "
        + $"or raise {nameof(OutboxOptions)}.{nameof(OutboxOptions.MaxEventBytes)}, up to what the topic takes (max.message.bytes).")
{
    /// <summary>Gets the class of the event.</summary>
    public Type EventType { get; } = eventType;

    /// <summary>Gets the topic that it is for.</summary>
    public string Topic { get; } = topic;

    /// <summary>Gets the size of the record's value, in bytes.</summary>
    public int Size { get; } = size;

    /// <summary>Gets the most bytes that are allowed.</summary>
    public int Limit { get; } = limit;
}
