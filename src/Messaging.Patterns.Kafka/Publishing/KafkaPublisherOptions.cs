using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.Publishing;

/// <summary>Options of publishing to Kafka. Bound from the configuration section <c>Messaging:Kafka:Publisher</c>.</summary>
public sealed class KafkaPublisherOptions
{
    /// <summary>The configuration section that the options are bound from.</summary>
    public const string Section = KafkaOptions.Section + ":Publisher";

    private readonly List<TopicSpecification> _topics = [];

    /// <summary>Gets or sets the CloudEvents source of published events, a URI reference.</summary>
    /// <value>The default is <c>/</c> and the application's name.</value>
    public string? Source { get; set; }

    /// <summary>Gets or sets what becomes of the routes' topics at the start: created and verified, only verified, or neither.</summary>
    /// <value>The default is <see cref="ProvisioningMode.CreateOrVerify"/>.</value>
    public ProvisioningMode Provisioning { get; set; } = ProvisioningMode.CreateOrVerify;

    // Methods, since the binder takes every property for configuration.
    internal void AddTopic(TopicSpecification topic) => _topics.Add(topic);

    internal IReadOnlyList<TopicSpecification> GetTopics() => _topics;
}
