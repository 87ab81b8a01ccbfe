namespace Messaging.Patterns.Consuming;

/// <summary>How far a rewind is carried out in a partition.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition's number.</param>
/// <param name="Target">Where the group goes on.</param>
/// <param name="Epoch">The rewind's epoch, which its events have.</param>
/// <param name="State">How far it is.</param>
public sealed record RewoundPartition(string Topic, int Partition, long Target, long Epoch, RewindState State);
