using Confluent.Kafka;

namespace OutboxToKafka;

internal static class GroupSettings
{
    /// <summary>Others take over what a killed process had after 6 seconds instead of 45.</summary>
    public static void TakeOverSoon(ConsumerConfig consumer) => (consumer.SessionTimeoutMs, consumer.HeartbeatIntervalMs) = (6_000, 2_000);
}
