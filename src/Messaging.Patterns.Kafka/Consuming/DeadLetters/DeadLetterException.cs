namespace Messaging.Patterns.Kafka.Consuming.DeadLetters;

/// <summary>A record could not be stored where a failed event is to go.</summary>
internal sealed class DeadLetterException(string topic, string reason, Exception inner)
    : MessagingException($"it failed, and could not be set aside in topic '{topic}': {reason.TrimEnd('.')}", inner);
