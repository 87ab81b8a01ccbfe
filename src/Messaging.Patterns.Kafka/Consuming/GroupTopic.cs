namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>A topic that a group reads.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">Its partition count when the group started; <see langword="null"/> for a topic that a pattern matched.</param>
/// <param name="IsEventTopic">Whether streams are registered to live in it; in other topics frames are recognised by themselves.</param>
internal sealed record GroupTopic(string Name, int? Partitions, bool IsEventTopic);
