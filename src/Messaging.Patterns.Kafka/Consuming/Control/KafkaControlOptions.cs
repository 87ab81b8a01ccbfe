using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>Options of the orders to consumer groups. Bound from the configuration section <c>Messaging:Kafka:Control</c>.</summary>
public sealed class KafkaControlOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = KafkaOptions.Section + ":Control";

    /// <summary>Gets or sets the topic of the orders; the same for all instances of a group, and for whoever gives orders.</summary>
    /// <value>The default is <c>messaging-patterns.control</c>.</value>
    public string Topic { get; set; } = "messaging-patterns.control";

    /// <summary>Gets or sets what becomes of the topic at the start. It has one partition and is compacted.</summary>
    /// <value>The default is <see cref="ProvisioningMode.CreateOrVerify"/>.</value>
    public ProvisioningMode Provisioning { get; set; }
}
