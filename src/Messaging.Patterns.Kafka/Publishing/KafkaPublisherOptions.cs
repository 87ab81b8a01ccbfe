using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.Publishing;

/// <summary>Options of publishing to Kafka.</summary>
public sealed class KafkaPublisherOptions
{
    /// <summary>Gets or sets the CloudEvents source of published events, a URI reference.</summary>
    /// <value>The default is <c>/</c> and the application's name.</value>
    public string? Source { get; set; }

    /// <summary>Gets or sets what becomes of the routes' topics at the start: created and verified, only verified, or neither.</summary>
    /// <value>The default is <see cref="ProvisioningMode.CreateOrVerify"/>.</value>
    public ProvisioningMode Provisioning { get; set; } = ProvisioningMode.CreateOrVerify;

    internal List<Route> Routes { get; } = [];
}
