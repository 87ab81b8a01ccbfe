namespace Messaging.Patterns.Kafka;

/// <summary>No broker answered in time. What was asked for did not happen, and may be asked for again.</summary>
/// <param name="operation">What was asked for.</param>
/// <param name="bootstrapServers">The brokers that were tried.</param>
/// <param name="inner">The cause, or <see langword="null"/>.</param>
public sealed class KafkaUnavailableException(string operation, string bootstrapServers, Exception? inner = null)
    : MessagingException($"Kafka at '{bootstrapServers}' did not answer in time: {operation}. Check that the brokers run, that the address is right and that it can be reached from here.", inner)
{
    /// <summary>Gets the brokers that were tried.</summary>
    public string BootstrapServers { get; } = bootstrapServers;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
