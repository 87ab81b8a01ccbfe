namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>The name of a group that was added; one for each time.</summary>
internal sealed record ConsumerGroupName(string Value);
