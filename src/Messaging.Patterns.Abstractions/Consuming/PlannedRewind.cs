namespace Messaging.Patterns.Consuming;

/// <summary>What a rewind would do to a partition.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition's number.</param>
/// <param name="Committed">Where the group is now; the first offset that there is when it committed nothing.</param>
/// <param name="Target">Where it would go on.</param>
/// <param name="End">Where the partition ends now.</param>
public sealed record PlannedRewind(string Topic, int Partition, long Committed, long Target, long End);
