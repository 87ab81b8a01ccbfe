namespace Messaging.Patterns.Kafka.Consuming;

/// <summary>A group that was added in the process; one for each time.</summary>
/// <param name="Name">The group's name.</param>
/// <param name="Cluster">The name of its cluster; <see langword="null"/> for the one without a name.</param>
internal sealed record ProcessGroup(string Name, string? Cluster);
