namespace Messaging.Patterns.Kafka.Topics;

/// <summary>How a topic is to be.</summary>
/// <param name="name">The topic's name: 1 to 249 letters, digits, <c>.</c>, <c>_</c> and <c>-</c>.</param>
public sealed class TopicSpecification(string name)
{
    /// <summary>The partitions that a topic gets when the specification does not say: 12.</summary>
    public const int DefaultPartitions = 12;

    /// <summary>Gets the topic's name.</summary>
    public string Name { get; } = IsValid(name)
        ? name
        : throw new ArgumentException($"'{name}' cannot name a topic: expected 1 to 249 letters, digits, '.', '_' and '-'.", nameof(name));

    /// <summary>Gets or sets the number of partitions. For a topic of streams it can never be changed later.</summary>
    /// <value>The default is <see langword="null"/>: 12 when created, whatever it is when verified.</value>
    public int? Partitions { get; set; }

    /// <summary>Gets or sets the number of copies.</summary>
    /// <value>The default is <see langword="null"/>: 3, or the number of brokers where there are fewer, when created.</value>
    public short? ReplicationFactor { get; set; }

    /// <summary>Gets further settings, by Kafka's name, such as <c>max.message.bytes</c>; set when created, compared when verified.</summary>
    public IDictionary<string, string> Configs { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    internal static bool IsValid(string name) =>
        name is { Length: > 0 and <= 249 } and not "." and not ".." && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');
}
