namespace Messaging.Patterns.Kafka;

/// <summary>What kind of Kafka a process talks to.</summary>
public enum KafkaProfile
{
    /// <summary>A real Kafka: topics are created or verified, and the log contract is checked.</summary>
    Production,

    /// <summary>The embedded broker for demos and fast tests: topics appear by themselves, nothing is created or verified, and no guarantee holds.</summary>
    Development,
}
