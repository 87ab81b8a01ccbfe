using Confluent.Kafka;

namespace Messaging.Patterns.Kafka;

/// <summary>How to reach Kafka. Bound from the configuration section <c>Messaging:Kafka</c>.</summary>
/// <remarks>
/// Settings of librdkafka stay its own: give them by name in <see cref="Client"/>, <see cref="Producer"/> and <see cref="Consumer"/>, or typed by the
/// methods. Settings that would break a guarantee are refused at the start, with the reason.
/// </remarks>
public sealed class KafkaOptions
{
    /// <summary>The configuration section that the options are bound from.</summary>
    public const string Section = "Messaging:Kafka";

    /// <summary>Gets or sets the brokers to begin with, <c>host:port</c> separated by commas.</summary>
    /// <value>Required; the default is empty.</value>
    public string BootstrapServers { get; set; } = "";

    /// <summary>Gets or sets the name by which brokers know this client in their logs and quotas.</summary>
    /// <value>The default is <see langword="null"/>: librdkafka's own.</value>
    public string? ClientId { get; set; }

    /// <summary>Gets or sets what kind of Kafka it is.</summary>
    /// <value>The default is <see cref="KafkaProfile.Production"/>.</value>
    public KafkaProfile Profile { get; set; }

    /// <summary>Gets the librdkafka settings of every client, such as <c>security.protocol</c>, by librdkafka's name.</summary>
    public IDictionary<string, string> Client { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Gets the librdkafka settings of producers, by librdkafka's name.</summary>
    public IDictionary<string, string> Producer { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Gets the librdkafka settings of consumers, by librdkafka's name.</summary>
    public IDictionary<string, string> Consumer { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    internal Action<ProducerConfig>? ProducerConfig { get; private set; }

    internal Action<ConsumerConfig>? ConsumerConfig { get; private set; }

    internal Action<AdminClientConfig>? AdminConfig { get; private set; }

    internal Action<ProducerBuilder<byte[], byte[]>>? ProducerHooks { get; private set; }

    internal Action<ConsumerBuilder<byte[], byte[]>>? ConsumerHooks { get; private set; }

    internal Action<AdminClientBuilder>? AdminHooks { get; private set; }

    /// <summary>Sets settings of producers.</summary>
    /// <param name="configure">Sets them; called for every producer.</param>
    public KafkaOptions ConfigureProducer(Action<ProducerConfig> configure)
    {
        ProducerConfig += configure;
        return this;
    }

    /// <summary>Sets settings of consumers.</summary>
    /// <param name="configure">Sets them; called for every consumer.</param>
    public KafkaOptions ConfigureConsumer(Action<ConsumerConfig> configure)
    {
        ConsumerConfig += configure;
        return this;
    }

    /// <summary>Sets settings of admin clients.</summary>
    /// <param name="configure">Sets them; called for every admin client.</param>
    public KafkaOptions ConfigureAdmin(Action<AdminClientConfig> configure)
    {
        AdminConfig += configure;
        return this;
    }

    /// <summary>Hooks into the builder of every producer, for OAuth token refresh or statistics. Error and log handlers are the library's.</summary>
    /// <param name="configure">Called before the producer is built.</param>
    public KafkaOptions ConfigureProducerBuilder(Action<ProducerBuilder<byte[], byte[]>> configure)
    {
        ProducerHooks += configure;
        return this;
    }

    /// <summary>Hooks into the builder of every consumer, for OAuth token refresh or statistics. Error, log and partition handlers are the library's.</summary>
    /// <param name="configure">Called before the consumer is built.</param>
    public KafkaOptions ConfigureConsumerBuilder(Action<ConsumerBuilder<byte[], byte[]>> configure)
    {
        ConsumerHooks += configure;
        return this;
    }

    /// <summary>Hooks into the builder of every admin client, for OAuth token refresh or statistics. Error and log handlers are the library's.</summary>
    /// <param name="configure">Called before the admin client is built.</param>
    public KafkaOptions ConfigureAdminBuilder(Action<AdminClientBuilder> configure)
    {
        AdminHooks += configure;
        return this;
    }
}
