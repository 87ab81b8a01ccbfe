namespace Messaging.Patterns.Kafka.Consuming.DeadLetters;

/// <summary>A failed event could not be set aside.</summary>
internal sealed class DeadLetterException(string reason, bool isTransient, Exception inner) : MessagingException($"could not be set aside: {reason.TrimEnd('.')}", inner)
{
    public override bool IsTransient { get; } = isTransient;
}
