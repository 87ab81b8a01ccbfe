using Messaging.Patterns.Kafka.Topics;

namespace Messaging.Patterns.Kafka.Publishing;

/// <summary>Where events of a type go: chosen once, at registration.</summary>
internal sealed record Route(Type EventType, TopicSpecification Topic, Func<object, string> Key);
