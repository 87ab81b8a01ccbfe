namespace Messaging.Patterns.Kafka.Topics;

/// <summary>A topic as it was found.</summary>
internal sealed record ProvisionedTopic(string Name, int Partitions);
