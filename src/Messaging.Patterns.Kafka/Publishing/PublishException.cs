namespace Messaging.Patterns.Kafka.Publishing;

/// <summary>An event could not be published.</summary>
/// <param name="topic">The topic.</param>
/// <param name="reason">What the broker or the client said.</param>
/// <param name="possiblyPersisted">Whether the event may be in the topic all the same.</param>
/// <param name="isTransient">Whether publishing it again may succeed.</param>
/// <param name="inner">The cause, or <see langword="null"/>.</param>
public sealed class PublishException(string topic, string reason, bool possiblyPersisted, bool isTransient, Exception? inner = null)
    : MessagingException(
        $"Cannot publish to topic '{topic}': {reason}. " + (possiblyPersisted
            ? "The event may be in the topic all the same; publish it again with the same id, and let receivers drop duplicates."
            : "The event is not in the topic."),
        inner)
{
    /// <summary>Gets the topic.</summary>
    public string Topic { get; } = topic;

    /// <summary>Gets whether the event may be in the topic all the same.</summary>
    public bool PossiblyPersisted { get; } = possiblyPersisted;

    /// <inheritdoc/>
    public override bool IsTransient { get; } = isTransient;
}
