namespace Messaging.Patterns.Consuming;

/// <summary>An instance of a consumer group, and what it has.</summary>
/// <param name="Name">Its <c>group.instance.id</c> where it has one, else machine, process and a part that tells several members of a process apart.</param>
/// <param name="Partitions">Its partitions.</param>
public sealed record ConsumerGroupMember(string Name, IReadOnlyList<GroupPartitionStatus> Partitions);
