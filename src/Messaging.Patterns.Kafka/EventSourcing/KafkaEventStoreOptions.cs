using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.EventSourcing;

/// <summary>Options of the event store on Kafka that writers and readers share.</summary>
public sealed class KafkaEventStoreOptions
{
    /// <summary>Gets the topic in which the streams of a category live, by category.</summary>
    /// <value>Filled by <c>AddStreams</c>; the default is empty.</value>
    public IDictionary<string, TopicSpecification> Streams { get; } = new Dictionary<string, TopicSpecification>(StringComparer.Ordinal);

    /// <summary>Gets or sets what becomes of topics at the start: created and verified, only verified, or neither.</summary>
    /// <value>The default is <see cref="ProvisioningMode.CreateOrVerify"/>.</value>
    public ProvisioningMode Provisioning { get; set; } = ProvisioningMode.CreateOrVerify;

    /// <summary>Gets or sets how many of a partition's newest appends are remembered to answer their repetition.</summary>
    /// <value>At least 1; the default is 10,000. About 100 bytes each.</value>
    public int AppendIdWindow { get; set; } = 10_000;

    /// <summary>Gets or sets what happens at a record that is not a frame.</summary>
    /// <value>The default is <see cref="ForeignRecordPolicy.Stop"/>.</value>
    public ForeignRecordPolicy OnForeignRecord { get; set; }
}
