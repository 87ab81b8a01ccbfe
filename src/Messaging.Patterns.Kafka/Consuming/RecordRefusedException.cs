namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>A record cannot be handled whatever its handler does.</summary>
internal sealed class RecordRefusedException(string reason, Exception? inner = null) : MessagingException(reason, inner);
