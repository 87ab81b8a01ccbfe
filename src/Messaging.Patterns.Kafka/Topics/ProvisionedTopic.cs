namespace Messaging.Patterns.Kafka.Topics;

/// <summary>A topic as it was found.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="Identity">What tells it from another topic of the same name.</param>
/// <param name="MaxMessageBytes">The most bytes that it takes as one record; <see langword="null"/> when its settings were not looked at.</param>
internal sealed record ProvisionedTopic(string Name, int Partitions, TopicIdentity Identity, long? MaxMessageBytes = null);
