namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>A record cannot be handled whatever its handler does.</summary>
/// <param name="reason">Why not.</param>
/// <param name="inner">The cause, or <see langword="null"/>.</param>
/// <param name="mustStop">Whether the partition must stop at it, whatever the group's policy for failures is: what follows may not be what it seems.</param>
internal sealed class RecordRefusedException(string reason, Exception? inner = null, bool mustStop = false) : MessagingException(reason, inner)
{
    public bool MustStop { get; } = mustStop;
}
