namespace Messaging.Patterns.Kafka.Topics;

/// <summary>A topic is not as it must be. Nothing was changed.</summary>
/// <param name="topic">The topic.</param>
/// <param name="differences">Every difference: what was expected, what was found, and the remedy.</param>
public sealed class TopicContractException(string topic, IReadOnlyList<string> differences)
    : MessagingException($"Topic '{topic}' is not as it must be:{string.Concat(differences.Select(difference => $"\n- {difference}"))}")
{
    /// <summary>Gets the topic.</summary>
    public string Topic { get; } = topic;

    /// <summary>Gets every difference: what was expected, what was found, and the remedy.</summary>
    public IReadOnlyList<string> Differences { get; } = differences;
}
