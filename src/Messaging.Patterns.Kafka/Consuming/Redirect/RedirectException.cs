namespace Messaging.Patterns.Kafka.Consuming.Redirect;

/// <summary>Something could not be stored in a retry topic.</summary>
internal sealed class RedirectException(string reason, bool isTransient, Exception? inner = null) : MessagingException($"could not be redirected: {reason.TrimEnd('.')}", inner)
{
    public override bool IsTransient { get; } = isTransient;
}
